"""supervisor_SUITE: who goes down and comes back with whom, and when it is too often."""

from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.spec import ChildKind, ExitClass, Strategy
from tests.support.otp_sup import Sup
from tests.support.otp_words import ABNORMAL, KILLED, NORMAL, TRANSIENT, a_spec, flags, ok

ALL, REST = Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE


def _burnt_out(sup: Sup) -> bool:
    sup.world.wait(60.0)
    return sup.ended is not None and sup.ended.burnt_out and not sup.lives


def test_multiple_restarts() -> None:
    sup = Sup(flags(intensity=1, period_s=1.0)).start()
    ok(sup.start_child(a_spec("child1")))
    sup.exits("child1")
    for _ in range(3):
        sup.world.wait(2.1)
        sup.exits("child1")
    assert sup.ended is None
    ok(sup.terminate_child("child1"))
    ok(sup.delete_child("child1"))


def test_one_for_one() -> None:
    sup = Sup().start()
    first, second = ok(sup.start_child(a_spec("child1"))), ok(sup.start_child(a_spec("child2")))
    sup.exits("child1")
    assert sup.pid("child1") != first
    assert sup.pid("child2") == second
    assert sup.counts() == [2, 2, 0, 2]
    sup.exits("child2")
    assert sup.ended is None
    sup.exits("child2")
    assert _burnt_out(sup)


def test_one_for_one_escalation() -> None:
    sup = Sup(flags(intensity=4)).start(a_spec("child1"), a_spec("child2"))
    sup.manner("child1").script(always="fail")
    sup.exits("child1")
    assert _burnt_out(sup)
    downs = [line for line in sup.log if line.startswith("-")]
    assert downs == ["-child1 abnormal"] * 5 + ["-child2 shutdown"]


def test_one_for_all() -> None:
    sup = Sup(flags(ALL)).start(a_spec("child1"), a_spec("child2"))
    old = set(sup.pids().values())
    sup.exits("child1")
    assert not old & set(sup.pids().values())
    assert sup.counts() == [2, 2, 0, 2]
    sup.exits("child2")
    assert sup.ended is None
    sup.exits("child2")
    assert _burnt_out(sup)


def test_one_for_all_escalation() -> None:
    sup = Sup(flags(ALL, 4)).start(a_spec("child1"), a_spec("child2"))
    sup.manner("child2").script(always="fail")
    sup.exits("child1")
    assert _burnt_out(sup)


@pytest.mark.key
def test_one_for_all_other_child_fails_restart() -> None:
    sup = Sup(flags(ALL, 3)).start(a_spec("child1"), a_spec("child2"))
    sup.manner("child2").script("fail")
    sup.log.clear()
    sup.exits("child1")
    assert sup.log == [
        "-child1 abnormal",
        "-child2 shutdown",
        "+child1",
        "-child2 abnormal",  # its start fails ...
        "-child1 shutdown",  # ... so who is up again goes down again
        "+child1",
        "+child2",
    ]
    assert len(sup.state.restarted_at_s) == 2


def test_rest_for_one() -> None:
    sup = Sup(flags(REST)).start(*map(a_spec, ("child1", "child2", "child3")))
    before = sup.pids()
    sup.exits("child2")
    after = sup.pids()
    assert after["child1"] == before["child1"]
    assert not {before["child2"], before["child3"]} & set(after.values())
    assert sup.counts() == [3, 3, 0, 3]
    sup.exits("child3")
    assert sup.pid("child2") == after["child2"]
    sup.exits("child2")
    assert _burnt_out(sup)


def test_rest_for_one_escalation() -> None:
    sup = Sup(flags(REST, 4)).start(a_spec("child1"), a_spec("child2"))
    sup.manner("child2").script(always="fail")
    sup.exits("child1")
    assert _burnt_out(sup)


@pytest.mark.key
def test_rest_for_one_other_child_fails_restart() -> None:
    sup = Sup(flags(REST, 3)).start(a_spec("child1"), a_spec("child2"))
    sup.manner("child2").script("fail")
    sup.log.clear()
    sup.exits("child1")
    assert sup.log == [
        "-child1 abnormal",
        "-child2 shutdown",
        "+child1",
        "-child2 abnormal",  # it is tried again alone, child1 stays
        "+child2",
    ]


@pytest.mark.key
def test_tree() -> None:
    """Three levels: only who died restarts; a burn-out restarts its siblings; G2 and G3 hold."""
    top = Sup(flags(ALL, 4))

    def supervisor(*names: str) -> Sup:
        inner = Sup(flags(intensity=4), top.world)
        inner.first = tuple(a_spec(name) for name in names)
        return inner

    top.manner("sup1").inner = lambda: supervisor("child1", "child2")
    top.manner("sup2").inner = supervisor
    top.manner("sup3").inner = supervisor
    top.start()
    for name in ("sup1", "sup2"):
        ok(top.start_child(a_spec(name, shutdown_s=None, kind=ChildKind.PRD)))
    ok(top.start_child(a_spec("sup3", TRANSIENT, None, kind=ChildKind.PRD)))
    ok(top.terminate_child("sup3"))
    assert top.counts() == [3, 2, 3, 0]
    one, two = top.inner("sup1"), top.inner("sup2")
    assert (one.counts(), two.counts()) == ([2, 2, 0, 2], [0, 0, 0, 0])
    third, fourth = ok(two.start_child(a_spec("child3"))), ok(two.start_child(a_spec("child4")))

    two.exits("child4")
    assert two.pid("child4") != fourth
    assert (two.pid("child3"), top.inner("sup1"), top.inner("sup2")) == (third, one, two)

    two.manner("child3").script(always="fail")
    two.exits("child3")
    top.world.wait(1.0)
    assert two.ended is not None
    assert two.ended.burnt_out
    assert not one.lives
    # Who was stopped by hand is there as well (OTP: all specs of the group are started).
    assert [name for name, _ in top.which()] == ["sup3", "sup2", "sup1"]
    assert top.counts() == [3, 3, 3, 0]
    assert top.inner("sup1") is not one
    assert top.inner("sup1").counts() == [2, 2, 0, 2]
    assert top.inner("sup2").counts() == [0, 0, 0, 0]  # its later children are lost
    assert top.inner("sup3").counts() == [0, 0, 0, 0]


@pytest.mark.key
def test_simple_global_supervisor() -> None:
    """The one in the middle is killed, or its worker, or stopped by hand: all come back new."""
    top = Sup(flags(ALL, 3, 60.0))

    def middle() -> Sup:
        inner = Sup(flags(ALL, 3, 60.0), top.world)
        inner.first = (a_spec("child", shutdown_s=2.0),)
        return inner

    top.manner("middle").inner = middle
    top.start(a_spec("middle", shutdown_s=2.0, kind=ChildKind.PRD))
    top.world.wait()
    old = top.inner("middle")
    top.exits("middle", KILLED)
    new = top.inner("middle")
    assert new is not old
    for reason in (KILLED, NORMAL):
        before = new.pid("child")
        new.exits("child", reason)
        assert new.pid("child") != before
    before = new.pid("child")
    ok(new.terminate_child("child"))
    assert ok(new.restart_child("child")) == new.pid("child") != before
    assert top.inner("middle") is new
    assert top.terminate().reason.exit_class is ExitClass.SHUTDOWN
    assert new.lives == {}


def test_an_abnormal_end_of_a_supervisor_is_what_its_parent_hears() -> None:
    """D1: a burn-out is no clean end, so that a transient supervisor comes back."""
    top = Sup()
    top.manner("middle").inner = lambda: Sup(flags(intensity=0), top.world)
    top.start(a_spec("middle", TRANSIENT, None, kind=ChildKind.PRD))
    old = top.inner("middle")
    ok(old.start_child(a_spec("child")))
    old.exits("child", ABNORMAL)
    assert _burnt_out(old)
    assert top.inner("middle") is not old
