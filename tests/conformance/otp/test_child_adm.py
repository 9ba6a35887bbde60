"""supervisor_SUITE: what can be asked about one child, and what is told of all."""

from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.spec import ChildKind, ExitClass, ExitReason, Strategy
from prd_supervise.supervisor.core.otp import queries
from prd_supervise.supervisor.core.otp.commands import Refusal
from tests.support.otp_sup import Sup
from tests.support.otp_words import (
    ABNORMAL,
    BRUTAL_KILL,
    KILLED,
    NORMAL,
    PERMANENT,
    TEMPORARY,
    TRANSIENT,
    a_spec,
    flags,
    ok,
    with_template,
)

SLOW_LOOP = {"intensity": 8, "period_s": 10.0}
MANY = 200


def test_extra_return() -> None:
    sup = Sup()
    sup.manner("child1").info = "extra_return"
    sup.start(a_spec("child1"))
    for ask in (sup.terminate_child, sup.delete_child, sup.restart_child):
        assert ask("hej").refusal is Refusal.NOT_FOUND
    assert sup.delete_child("child1").refusal is Refusal.RUNNING
    assert sup.restart_child("child1").refusal is Refusal.RUNNING
    assert sup.counts() == [1, 1, 0, 1]
    ok(sup.terminate_child("child1"))
    assert sup.which() == [("child1", "undefined")]
    assert sup.counts() == [1, 0, 0, 1]
    again = sup.restart_child("child1")
    assert (again.incarnation, again.info) == (sup.pid("child1"), "extra_return")
    ok(sup.terminate_child("child1"))
    ok(sup.terminate_child("child1"))
    ok(sup.delete_child("child1"))
    assert sup.restart_child("child1").refusal is Refusal.NOT_FOUND
    assert sup.counts() == [0, 0, 0, 0]
    third = sup.start_child(a_spec("child1"))
    assert (third.incarnation, third.info) == (sup.pid("child1"), "extra_return")
    sup.exits("child1", ABNORMAL)
    assert sup.pid("child1") != third.incarnation
    assert sup.counts() == [1, 1, 0, 1]


def test_child_adm() -> None:
    child = a_spec("child1")
    sup = Sup().start(child)
    first = sup.pid("child1")
    started = sup.start_child(child)
    assert (started.refusal, started.incarnation) == (Refusal.ALREADY_STARTED, first)
    assert sup.terminate_child("hej").refusal is Refusal.NOT_FOUND
    ok(sup.terminate_child("child1"))
    assert sup.log[-1] == "-child1 shutdown"
    assert sup.which() == [("child1", "undefined")]
    assert sup.counts() == [1, 0, 0, 1]
    ok(sup.terminate_child("child1"))
    assert sup.start_child(child).refusal is Refusal.ALREADY_PRESENT
    second = ok(sup.restart_child("child1"))
    assert sup.which() == [("child1", second)]
    assert sup.restart_child("child1").refusal is Refusal.RUNNING
    assert sup.restart_child("child2").refusal is Refusal.NOT_FOUND
    assert sup.delete_child("child1").refusal is Refusal.RUNNING
    assert sup.delete_child("hej").refusal is Refusal.NOT_FOUND
    ok(sup.terminate_child("child1"))
    ok(sup.delete_child("child1"))
    assert sup.restart_child("child1").refusal is Refusal.NOT_FOUND
    assert sup.which() == []
    third = ok(sup.start_child(child))
    assert sup.which() == [("child1", third)]
    # An incarnation that nobody ever had names no child of ours.
    assert sup.terminate_child("child1", incarnation=99).refusal is Refusal.NOT_FOUND
    assert sup.counts() == [1, 1, 0, 1]


def test_child_adm_simple() -> None:
    sup = Sup(with_template(a_spec("child"))).start()
    assert sup.which() == []
    assert sup.counts() == [1, 0, 0, 0]
    first = ok(sup.start_child("one"))
    assert sup.which() == [("one", first)]
    second = ok(sup.start_child("two"))
    assert sorted(sup.which()) == [("one", first), ("two", second)]
    assert sup.counts() == [1, 2, 0, 2]
    assert sup.terminate_child("child").refusal is Refusal.SIMPLE_ONE_FOR_ONE
    ok(sup.terminate_child("one", first))
    assert sup.counts() == [1, 1, 0, 1]
    ok(sup.terminate_child("one", first))  # it is gone already
    assert sup.terminate_child("nobody").refusal is Refusal.NOT_FOUND
    assert sup.terminate_child("nobody", incarnation=99).refusal is Refusal.NOT_FOUND
    assert sup.restart_child("child").refusal is Refusal.SIMPLE_ONE_FOR_ONE
    assert sup.delete_child("child").refusal is Refusal.SIMPLE_ONE_FOR_ONE
    assert sup.start_child(a_spec("three")).refusal is Refusal.SIMPLE_ONE_FOR_ONE
    assert sup.counts() == [1, 1, 0, 1]


def test_already_started_outside_supervisor() -> None:
    """Somebody else has what the child needs, a story's lock: its start fails, and says so."""
    sup = Sup().start()
    busy = ExitReason(exit_class=ExitClass.ABNORMAL, detail="an earlier attempt still lives")
    sup.manner("child").script(always="fail")
    sup.manner("child").fails_with = busy
    refused = sup.start_child(a_spec("child", TRANSIENT))
    assert (refused.refusal, refused.detail) == (Refusal.START_FAILED, busy.detail)
    assert sup.which() == []


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("how", ["kill", "normal", "abnormal", "request"])
def test_do_not_save_child_specs_for_temporary_children(strategy: Strategy, how: str) -> None:
    sup = Sup(flags(strategy)).start()
    reason = {"kill": KILLED, "normal": NORMAL, "abnormal": ABNORMAL}.get(how)
    for restart in (PERMANENT, TRANSIENT, TEMPORARY):
        spec = a_spec(restart.value, restart)
        ok(sup.start_child(spec))
        if reason is None:
            ok(sup.terminate_child(spec.child_id))
        else:
            sup.exits(spec.child_id, reason)
        again = sup.start_child(spec)
        if restart is TEMPORARY:
            ok(again)
        elif reason is None or (restart is TRANSIENT and reason is NORMAL):
            assert again.refusal is Refusal.ALREADY_PRESENT
            ok(sup.restart_child(spec.child_id))
        else:
            assert again.refusal is Refusal.ALREADY_STARTED


@pytest.mark.parametrize("strategy", [*Strategy, None])
def test_do_not_save_start_parameters_for_temporary_children(strategy: Strategy | None) -> None:
    """What has ended leaves nothing behind, however much was said to start it."""
    sizes = {}
    for restart in (PERMANENT, TRANSIENT, TEMPORARY):
        chosen = with_template(a_spec("child", restart)) if strategy is None else flags(strategy)
        sup = Sup(chosen).start()
        for number in range(20):
            name = f"{number} {'Potentially large' * 10}"
            ok(sup.start_child(name if strategy is None else a_spec(name, restart)))
        for name in tuple(sup.lives):
            ok(sup.terminate_child(name))
        sizes[restart] = len(repr(sup.state))
    assert sizes[TEMPORARY] < 1500
    if strategy is not None:
        assert sizes[PERMANENT] > 20 * 170
        assert sizes[TRANSIENT] > 20 * 170


def test_count_children() -> None:
    _count(ChildKind.STORY)


def test_count_children_supervisor() -> None:
    _count(ChildKind.PRD)


def _count(kind: ChildKind) -> None:
    sup = Sup(with_template(a_spec("child", TEMPORARY, kind=kind))).start()
    names = [f"child{number}" for number in range(2 * MANY)]
    for at, name in enumerate(names, start=1):
        ok(sup.start_child(name))
        if at in {MANY, 2 * MANY}:
            types = [at, 0] if kind is ChildKind.PRD else [0, at]
            assert sup.counts() == [1, at, *types]
            assert len(sup.which()) == at
    for name in names:
        sup.exits(name, KILLED)
    assert sup.counts() == [1, 0, 0, 0]
    assert sup.ended is None


def test_count_restarting_children() -> None:
    sup = Sup(with_template(a_spec("child", shutdown_s=BRUTAL_KILL), 20, 10.0), backoff_s=4.0)
    sup.start()
    names = ("one", "two", "three")
    for at, name in enumerate(names, start=1):
        ok(sup.start_child(name))
        assert sup.counts() == [1, at, 0, at]
    for name in ("one", "two"):
        sup.manner(name).script(always="fail")
        sup.exits(name)
    sup.world.wait(9.0)
    assert sup.counts() == [1, 1, 0, 3]
    assert dict(sup.which())["one"] == "restarting"
    for name in ("one", "two"):
        sup.manner(name).script()
    sup.world.wait(4.0)
    assert sup.counts() == [1, 3, 0, 3]
    ok(sup.terminate_child("three"))
    assert sup.counts() == [1, 2, 0, 2]
    sup.exits("one")
    assert sup.counts() == [1, 1, 0, 2]
    ok(sup.terminate_child("one"))
    ok(sup.terminate_child("two"))
    assert sup.counts() == [1, 0, 0, 0]


@pytest.mark.key
def test_hanging_restart_loop() -> None:
    sup = Sup(flags(**SLOW_LOOP), backoff_s=4.0).start()  # type: ignore[arg-type]  # its two fields
    child = a_spec("child1", shutdown_s=BRUTAL_KILL)
    ok(sup.start_child(child))
    _hang(sup, "child1")
    assert sup.start_child(child).refusal is Refusal.ALREADY_PRESENT
    assert sup.restart_child("child1").refusal is Refusal.RESTARTING
    assert sup.delete_child("child1").refusal is Refusal.RESTARTING
    assert sup.which() == [("child1", "restarting")]
    assert sup.counts() == [1, 0, 0, 1]
    ok(sup.terminate_child("child1"))
    assert sup.which() == [("child1", "undefined")]
    sup.manner("child1").script()
    ok(sup.restart_child("child1"))
    _hang(sup, "child1")
    assert sup.terminate().undead == ()


@pytest.mark.key
def test_hanging_restart_loop_rest_for_one() -> None:
    sup = Sup(flags(Strategy.REST_FOR_ONE, **SLOW_LOOP), backoff_s=4.0)  # type: ignore[arg-type]  # its two fields
    specs = [a_spec(f"child{number}", shutdown_s=BRUTAL_KILL) for number in (1, 2, 3)]
    sup.start(*specs)
    first = sup.pid("child1")
    _hang(sup, "child2")
    assert sup.start_child(specs[1]).refusal is Refusal.ALREADY_PRESENT
    assert sup.restart_child("child2").refusal is Refusal.RESTARTING
    assert sup.delete_child("child2").refusal is Refusal.RESTARTING
    assert sup.which() == [("child3", "undefined"), ("child2", "restarting"), ("child1", first)]
    assert sup.counts() == [3, 1, 0, 3]
    ok(sup.terminate_child("child2"))
    assert sup.which() == [("child3", "undefined"), ("child2", "undefined"), ("child1", first)]
    sup.manner("child2").script()
    ok(sup.restart_child("child2"))
    assert "child3" not in sup.lives
    _hang(sup, "child2")
    assert sup.terminate().undead == ()


@pytest.mark.key
def test_hanging_restart_loop_simple() -> None:
    sup = Sup(with_template(a_spec("child", shutdown_s=BRUTAL_KILL), 8, 10.0), backoff_s=4.0)
    sup.start()
    first = ok(sup.start_child("one"))
    _hang(sup, "one")
    assert sup.restart_child("child").refusal is Refusal.SIMPLE_ONE_FOR_ONE
    assert sup.delete_child("child").refusal is Refusal.SIMPLE_ONE_FOR_ONE
    assert sup.which() == [("one", "restarting")]
    assert sup.counts() == [1, 0, 0, 1]
    ok(sup.terminate_child("one", first))
    ok(sup.terminate_child("one"))
    assert sup.which() == []
    sup.manner("one").script()
    ok(sup.start_child("one"))
    _hang(sup, "one")
    assert sup.terminate().undead == ()


def _hang(sup: Sup, name: str) -> None:
    """Let a child die and its restart fail again and again."""
    sup.manner(name).script(always="fail")
    sup.exits(name)
    sup.world.wait(10.0)
    assert len(sup.state.restarted_at_s) > 2


def test_which_children() -> None:
    sup = Sup().start()
    assert sup.which() == []
    first, second = ok(sup.start_child(a_spec("child1"))), ok(sup.start_child(a_spec("child2")))
    assert sup.which() == [("child2", second), ("child1", first)]
    info = queries.which_child(sup.state, "child1")
    assert info is not None
    assert (info.child_id, info.incarnation, info.is_supervisor) == ("child1", first, False)
    assert queries.which_child(sup.state, "childx") is None
    ok(sup.terminate_child("child1"))
    assert sup.which() == [("child2", second), ("child1", "undefined")]
    ok(sup.delete_child("child1"))
    assert sup.which() == [("child2", second)]
    assert queries.which_child(sup.state, "child1") is None


def test_which_children_simple_one_for_one() -> None:
    sup = Sup(with_template(a_spec("child", TEMPORARY))).start()
    assert sup.which() == []
    first, second = ok(sup.start_child("one")), ok(sup.start_child("two"))
    assert sorted(sup.which()) == [("one", first), ("two", second)]
    ok(sup.terminate_child("one"))
    assert sup.which() == [("two", second)]
    assert queries.which_child(sup.state, "one") is None
    assert queries.which_child(sup.state, "child") is None  # the template is no child
