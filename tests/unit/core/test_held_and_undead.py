"""What OTP does not have: children that are held, and children that SIGKILL does not end."""

from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.spec import (
    Cause,
    ChildSpec,
    ExitClass,
    ExitReason,
    Restart,
    Strategy,
    Tally,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.child import Phase
from prd_supervise.supervisor.core.otp.commands import (
    ChildEnded,
    ChildGivenUp,
    ChildHeld,
    ChildRestarting,
    ChildUndead,
    Refusal,
    Spawn,
    SupervisorEnded,
)
from prd_supervise.supervisor.core.otp.events import (
    Alarm,
    ChildExited,
    ChildHoldRequested,
    ChildKilled,
    ChildReleaseRequested,
    StartRequested,
)
from tests.support.otp_sup import Sup
from tests.support.otp_words import KILLED, a_spec, flags, ok
from tests.support.supervised import Supervised, a_child, supervised

TRANSIENT = Restart.TRANSIENT


def hold(tree: Supervised, name: str) -> None:
    tree.hear(ChildHoldRequested(child_id=name))


def release(tree: Supervised, name: str) -> None:
    tree.hear(ChildReleaseRequested(child_id=name))


# --- held ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_held_child_that_dies_stays_down_until_it_is_released(
    dynamic: bool,  # noqa: FBT001  a column of the table
) -> None:
    tree = supervised(a_child("a", TRANSIENT, dynamic=dynamic), intensity=0)
    hold(tree, "a")
    assert tree.phase("a") is Phase.RUNNING
    tree.exits("a")
    assert tree.wanted(ChildHeld) == ["a"]
    assert not tree.state.burnt_out
    release(tree, "a")
    assert tree.wanted(Spawn) == ["a"]


def test_a_held_child_that_is_done_is_not_started_by_the_release() -> None:
    tree = supervised(a_child("a", TRANSIENT))
    hold(tree, "a")
    tree.exits("a", ExitClass.NORMAL)
    assert tree.wanted(ChildEnded) == ["a"]
    release(tree, "a")
    assert tree.wanted(Spawn) == []


def test_a_hold_cancels_a_restart_that_is_under_way() -> None:
    tree = supervised(a_child("a"))
    tree.exits("a")
    hold(tree, "a")
    assert tree.wanted(ChildHeld) == ["a"]
    assert tree.alarm("a", Alarm.BACKOFF_OVER) == []
    release(tree, "a")
    assert tree.wanted(Spawn) == ["a"]


def test_a_group_restart_leaves_who_is_held_down_and_starts_the_others() -> None:
    sup = Sup(flags(Strategy.ONE_FOR_ALL)).start(*map(a_spec, ("a", "b", "c")))
    ok(sup.terminate_child("c"))
    for name in ("b", "c"):
        sup.hear(ChildHoldRequested(child_id=name))
    sup.exits("a")
    assert list(sup.lives) == ["a"]
    for name in ("b", "c"):
        sup.hear(ChildReleaseRequested(child_id=name))
    sup.world.wait()
    assert sorted(sup.lives) == ["a", "b"]  # `c` was stopped by hand: no hold has kept it down


def test_who_is_held_at_the_first_start_waits_and_the_others_do_not() -> None:
    sup = Sup()
    specs = (a_spec("a"), a_spec("b"))
    sup.hear(StartRequested(specs=specs, held=frozenset({"a"})))
    sup.world.wait()
    assert list(sup.lives) == ["b"]
    assert sup.restart_child("a").refusal is Refusal.HELD
    sup.hear(ChildReleaseRequested(child_id="a"))
    assert "a" in sup.lives


# --- undead --------------------------------------------------------------------------------------


def stuck(sup: Sup, name: str) -> None:
    sup.manner(name).stop_s = None
    sup.manner(name).is_stuck = True


def goes_at_last(sup: Sup, name: str) -> None:
    incarnation = sup.lives.pop(name).incarnation
    sup.hear(ChildExited(child_id=name, incarnation=incarnation, reason=KILLED))
    sup.world.wait()


def test_one_that_the_shell_killed_in_vain_is_undead_and_comes_back_only_once_it_is_gone() -> None:
    sup = Sup().start(a_spec("a"))
    number = sup.pid("a")
    sup.hear(ChildKilled(child_id="a", incarnation=number))
    sup.world.wait(60.0)
    assert sup.said.count(ChildUndead(child_id="a", incarnation=number)) == 1
    assert sup.restart_child("a").refusal is Refusal.UNDEAD
    assert sup.delete_child("a").refusal is Refusal.UNDEAD
    assert len([each for each in sup.said if isinstance(each, Spawn)]) == 1
    goes_at_last(sup, "a")
    assert sup.pid("a") == number + 1
    assert len(sup.state.restarted_at_s) == 1


def test_one_that_was_to_stop_and_is_undead_does_not_come_back() -> None:
    sup = Sup().start(a_spec("a"))
    stuck(sup, "a")
    assert sup.terminate_child("a").refusal is Refusal.UNDEAD
    goes_at_last(sup, "a")
    assert sup.which() == [("a", "undefined")]


def test_a_group_waits_for_its_undead_member() -> None:
    sup = Sup(flags(Strategy.ONE_FOR_ALL)).start(a_spec("a"), a_spec("b"))
    stuck(sup, "b")
    sup.exits("a")
    sup.world.wait(600.0)
    assert list(sup.lives) == ["b"]
    goes_at_last(sup, "b")
    assert sorted(sup.lives) == ["a", "b"]


@pytest.mark.parametrize("grace_s", [5.0, 60.0])
def test_a_stop_does_not_wait_for_who_is_undead(grace_s: float) -> None:
    sup = Sup().start(a_spec("a"), a_spec("b", shutdown_s=None))
    stuck(sup, "b")
    ended = sup.terminate(grace_s)
    assert ended.undead == ("b",)
    assert "a" not in sup.lives
    assert sup.world.now_s <= grace_s + 3.0
    goes_at_last(sup, "b")  # that is late, and nobody hears of it
    assert [each for each in sup.said if isinstance(each, SupervisorEnded)] == [ended]


def test_a_first_start_that_is_undead_ends_the_supervisor_without_waiting() -> None:
    sup = Sup()
    sup.manner("b").script("hang")
    stuck(sup, "b")
    sup.start(a_spec("a"), a_spec("b"))
    sup.world.wait(60.0)
    assert sup.ended is not None
    assert sup.ended.undead == ("b",)
    assert sup.ended.reason.detail == "'b' could not be started: killed, and not gone"


def test_a_burn_out_is_not_told_as_a_start_that_failed() -> None:
    """Found by exploration: `b` was being killed for its start when `a` died once too often."""
    tree = supervised(intensity=0)
    tree.hear(StartRequested(specs=(a_child("a"), a_child("b"))))
    tree.ready("a")
    tree.alarm("b", Alarm.START_OVERDUE)
    tree.exits("a")
    assert tree.state.burnt_out
    tree.alarm("b", Alarm.GONE_OVERDUE)
    ended = tree.last[-1]
    assert isinstance(ended, SupervisorEnded)
    assert ended.undead == ("b",)
    assert ended.reason.detail.startswith("more than 0 restarts")


# --- counters by cause ---------------------------------------------------------------------------


def dies_of(tree: Supervised, name: str, cause: Cause) -> None:
    reason = ExitReason(exit_class=ExitClass.ABNORMAL, detail=cause.value, cause=cause)
    number = tree.child(name).incarnation
    tree.hear(ChildExited(child_id=name, incarnation=number, reason=reason))


def test_each_cause_has_a_counter_and_a_cap_of_its_own() -> None:
    spec: ChildSpec = replace(a_child("a"), restarts_max=Tally(ordinary=2, memory=1, hang=1))
    tree = supervised(spec)
    for cause in (Cause.MEMORY, Cause.ORDINARY, Cause.HANG, Cause.ORDINARY):
        dies_of(tree, "a", cause)
        assert tree.wanted(ChildRestarting) == ["a"], cause
        tree.comes_back("a")
    assert tree.child("a").restarts == Tally(ordinary=2, memory=1, hang=1)
    dies_of(tree, "a", Cause.MEMORY)
    assert tree.wanted(ChildGivenUp) == ["a"]


def test_after_a_long_delay_a_run_counts_as_stable_only_when_it_was_long_too() -> None:
    tree = supervised(a_child("a"), intensity=100)
    for _ in range(8):  # the delay is near its cap of 60 s by now
        tree.exits("a")
        tree.comes_back("a")
    wait_s = tree.child("a").last_delay_s
    assert wait_s >= 30.5
    tree.now_s += 60.5
    tree.exits("a")
    assert tree.child("a").failures == 9
    tree.comes_back("a")
    tree.now_s += 120.0
    tree.exits("a")
    assert tree.child("a").failures == 1
