"""supervisor_SUITE: how a supervisor starts, and what it makes of flags and specs."""

from __future__ import annotations

import itertools

import pytest

from prd_supervise.policies.supervising.childspecs import check_childspecs, check_flags
from prd_supervise.policies.supervising.spec import (
    AutoShutdown,
    ChildKind,
    ExitClass,
    Intensity,
    Restart,
    Shutdown,
    Strategy,
    Tally,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp import queries
from prd_supervise.supervisor.core.otp.commands import Refusal, SupervisorStarted
from tests.support.otp_sup import Sup
from tests.support.otp_words import (
    BRUTAL_KILL,
    INFINITY,
    PERMANENT,
    TEMPORARY,
    TRANSIENT,
    a_spec,
    flags,
    ok,
    with_template,
)


def test_sup_start_normal() -> None:
    sup = Sup().start()
    assert sup.said == [SupervisorStarted()]
    assert sup.terminate().reason.exit_class is ExitClass.SHUTDOWN


def test_sup_start_ignore_init() -> None:
    """A supervisor that has nothing to do: for its parent that is no failure, and no exit."""
    top = Sup()
    top.manner("middle").script("ignore")
    assert ok(top.start_child(a_spec("middle", kind=ChildKind.PRD))) == 0
    assert top.which() == [("middle", "undefined")]
    assert top.state.restarted_at_s == ()


def test_sup_start_ignore_child() -> None:
    sup = Sup().start()
    sup.manner("child1").script("ignore")
    assert ok(sup.start_child(a_spec("child1"))) == 0
    second = ok(sup.start_child(a_spec("child2")))
    assert sup.which() == [("child2", second), ("child1", "undefined")]
    assert sup.counts() == [2, 1, 0, 2]


def test_sup_start_ignore_temporary_child() -> None:
    sup = Sup()
    sup.manner("child1").script("ignore")
    sup.start(a_spec("child1", TEMPORARY), a_spec("child2", TEMPORARY))
    assert sup.which() == [("child2", sup.pid("child2"))]
    assert sup.counts() == [1, 1, 0, 1]


def test_sup_start_ignore_temporary_child_start_child() -> None:
    sup = Sup().start()
    sup.manner("child1").script("ignore")
    assert ok(sup.start_child(a_spec("child1", TEMPORARY))) == 0
    second = ok(sup.start_child(a_spec("child2", TEMPORARY)))
    assert sup.which() == [("child2", second)]
    assert sup.counts() == [1, 1, 0, 1]


@pytest.mark.parametrize("restart", [TEMPORARY])
def test_sup_start_ignore_temporary_child_start_child_simple(restart: Restart) -> None:
    _ignored_by_a_dynamic_supervisor(restart)


def test_sup_start_ignore_permanent_child_start_child_simple() -> None:
    sup = _ignored_by_a_dynamic_supervisor(PERMANENT)
    assert sup.terminate().undead == ()


def _ignored_by_a_dynamic_supervisor(restart: Restart) -> Sup:
    sup = Sup(with_template(a_spec("child", restart))).start()
    sup.manner("one").script("ignore")
    assert ok(sup.start_child("one")) == 0
    second = ok(sup.start_child("two"))
    assert sup.which() == [("two", second)]
    assert sup.counts() == [1, 1, 0, 1]
    return sup


def test_sup_start_error_return() -> None:
    sup = Sup(flags(period_s=0.0)).start(a_spec("child1"))
    assert sup.ended is not None
    assert sup.ended.reason.exit_class is ExitClass.ABNORMAL
    assert sup.ended.reason.detail == "period is 0.0 s; it must be more than 0"
    assert sup.log == []


def test_sup_start_fail() -> None:
    """A child that fails when its supervisor starts: nobody tries again, all others go."""
    sup = Sup()
    sup.manner("child3").script("fail")
    sup.start(*map(a_spec, ("child1", "child2", "child3", "child4")))
    assert sup.log == [
        "+child1",
        "+child2",
        "-child3 abnormal",
        "-child2 shutdown",
        "-child1 shutdown",
    ]
    assert sup.ended is not None
    assert not sup.ended.burnt_out
    assert sup.ended.reason.detail == "'child3' could not be started: abnormal"


def test_sup_start_child_returns_error() -> None:
    sup = Sup().start()
    sup.manner("child1").script("fail")
    sup.manner("child2").script("hang")
    failed = sup.start_child(a_spec("child1"))
    assert (failed.refusal, failed.detail) == (Refusal.START_FAILED, "abnormal")
    late = sup.start_child(a_spec("child2"))
    assert (late.refusal, late.detail) == (Refusal.START_FAILED, "killed")
    assert sup.which() == []
    assert sup.state.restarted_at_s == ()


def test_sup_start_restart_child_returns_error() -> None:
    sup = Sup().start(a_spec("child1"))
    ok(sup.terminate_child("child1"))
    sup.manner("child1").script("fail")
    assert sup.restart_child("child1").refusal is Refusal.START_FAILED
    assert sup.which() == [("child1", "undefined")]


def test_sup_start_child_returns_error_simple() -> None:
    sup = Sup(with_template(a_spec("child"))).start()
    sup.manner("one").script("fail")
    assert sup.start_child("one").refusal is Refusal.START_FAILED
    assert sup.which() == []


def test_sup_start_map() -> None:
    """The defaults that are ours: an agent may need the whole grace to end, so infinity."""
    sup = Sup().start(a_spec("child1"), a_spec("child2", shutdown_s=BRUTAL_KILL))
    first = queries.get_childspec(sup.state, "child1")
    second = queries.get_childspec(sup.state, "child2")
    assert first is not None
    assert second is not None
    assert (first.restart, first.significant, first.dynamic) == (PERMANENT, False, False)
    assert (first.restarts_max, first.failures_max) == (None, None)
    assert second.shutdown == Shutdown(timeout_s=0.0)
    assert Shutdown() == Shutdown(timeout_s=INFINITY)
    assert queries.get_childspec(sup.state, "child4") is None


def test_sup_start_map_simple() -> None:
    template = a_spec("child", TEMPORARY)
    sup = Sup(with_template(template)).start()
    for name in ("one", "two", "three"):
        ok(sup.start_child(name))
        spec = queries.get_childspec(sup.state, name)
        assert spec == replace(template, child_id=name, dynamic=True)
    assert queries.get_childspec(sup.state, "somebody") is None


def test_sup_start_map_faulty_specs() -> None:
    """What the types of a spec cannot refuse is told in words; the supervisor does not start."""
    sup = Sup().start(a_spec(""), a_spec("child2", shutdown_s=-1.0))
    assert sup.ended is not None
    assert "a child has no id" in sup.ended.reason.detail
    assert "child 'child2': shutdown is -1.0 s" in sup.ended.reason.detail
    assert sup.log == []


def test_child_specs() -> None:
    good = a_spec("child")
    bad = {
        "a child has no id": replace(good, child_id=""),
        "shutdown is -10.0 s": a_spec("child", shutdown_s=-10.0),
        "start_timeout_s is 0": replace(good, start_timeout_s=0.0),
        "margin is 1.5": replace(good, margin=1.5),
        "restarts_max is": replace(good, restarts_max=Tally(memory=-1)),
        "failures_max is -1": replace(good, failures_max=-1),
    }
    sup = Sup().start()
    for words, spec in bad.items():
        (defect,) = check_childspecs([spec])
        assert words in defect
        refused = sup.start_child(spec)
        assert (refused.refusal, refused.detail) == (Refusal.INVALID, defect)
        begun = Sup().start(spec)
        assert begun.ended is not None
        assert begun.ended.reason.detail == defect
        assert check_flags(with_template(spec)) == (defect,)
    twice = check_childspecs([good, a_spec("child", TEMPORARY)])
    assert twice == ("child 'child' is there twice; ids are unique",)
    # A dynamic supervisor has its template and nothing else.
    both = Sup(with_template(good)).start(good)
    assert both.ended is not None
    assert both.ended.reason.exit_class is ExitClass.ABNORMAL


def test_child_specs_map() -> None:
    """Every combination of what a spec may say, under each auto_shutdown."""
    shutdowns = (0.0, 1000.0, INFINITY)
    kinds = (ChildKind.PRD, ChildKind.STORY)
    for auto, restart, shutdown_s, kind, significant in itertools.product(
        AutoShutdown, Restart, shutdowns, kinds, (False, True)
    ):
        spec = a_spec("child", restart, shutdown_s, kind=kind, significant=significant)
        found = check_childspecs([spec], auto)
        is_bad = significant and (auto is AutoShutdown.NEVER or restart is PERMANENT)
        assert bool(found) == is_bad, (auto, spec)
    never = Sup().start(a_spec("child", TRANSIENT, significant=True))
    assert never.ended is not None
    assert "significant under auto_shutdown never" in never.ended.reason.detail


def test_sup_flags() -> None:
    for limit, words in (
        (Intensity(max_restarts=-1, period_s=5.0), "intensity is -1"),
        (Intensity(max_restarts=1, period_s=0.0), "period is 0.0 s"),
        (Intensity(max_restarts=1, period_s=-3.0), "period is -3.0 s"),
        (Intensity(max_restarts=1, period_s=float("nan")), "period is nan s"),
    ):
        (defect,) = check_flags(replace(flags(), intensity=limit))
        assert words in defect
    assert check_flags(replace(flags(), children_max=3))
    assert check_flags(replace(with_template(a_spec("child")), children_max=-1))
    for strategy, auto in itertools.product(Strategy, AutoShutdown):
        assert check_flags(flags(strategy, 0, auto_shutdown=auto)) == ()
