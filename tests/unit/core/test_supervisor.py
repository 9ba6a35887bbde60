"""What a supervisor wants at each event; OTP's own cases are in tests/conformance/otp."""

from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.spec import Restart, Strategy
from prd_supervise.supervisor.core.otp.child import Phase
from prd_supervise.supervisor.core.otp.commands import (
    AskToStop,
    ChildEnded,
    ChildGivenUp,
    ChildRestarting,
    ChildStarted,
    Kill,
    Spawn,
    SupervisorEnded,
    Terminate,
)
from prd_supervise.supervisor.core.otp.events import Alarm
from tests.support.supervised import ABNORMAL, NORMAL, SHUTDOWN, a_child, supervised

PERMANENT, TRANSIENT, TEMPORARY = Restart.PERMANENT, Restart.TRANSIENT, Restart.TEMPORARY


def test_multiple_restarts_that_are_far_enough_apart_are_no_burn_out() -> None:
    tree = supervised(a_child("a"), intensity=1, period_s=1.0)
    for _ in range(4):
        tree.now_s += 2.1
        tree.exits("a")
        tree.comes_back("a")
    assert tree.phase("a") is Phase.RUNNING
    assert not tree.state.burnt_out


def test_one_for_one() -> None:
    tree = supervised(a_child("a"), a_child("b"), intensity=2, period_s=3600.0)
    tree.exits("a")
    tree.comes_back("a")
    assert (tree.child("a").incarnation, tree.child("b").incarnation) == (3, 2)
    tree.exits("b")
    tree.comes_back("b")
    tree.exits("a")
    assert tree.state.burnt_out
    assert tree.wanted(AskToStop) == ["b"]
    tree.exits("b", SHUTDOWN)
    ended = tree.last[-1]
    assert isinstance(ended, SupervisorEnded)
    assert ended.burnt_out
    assert ended.reason.exit_class is ABNORMAL
    assert ended.reason.detail == "more than 2 restarts within 3600 s; the last: 'a', abnormal"


def test_one_for_one_escalation() -> None:
    """A child that never comes up again: its retries are counted as well."""
    tree = supervised(a_child("a"), a_child("b"), intensity=4, period_s=3600.0)
    tree.exits("a")
    for _ in range(4):
        tree.alarm("a", Alarm.BACKOFF_OVER)
        tree.exits("a")
    assert tree.state.burnt_out
    assert tree.wanted(AskToStop) == ["b"]


def test_one_for_all() -> None:
    tree = supervised(a_child("a"), a_child("b"), a_child("c"), strategy=Strategy.ONE_FOR_ALL)
    tree.exits("b")
    assert tree.wanted(AskToStop) == ["c"]  # in reverse order, one at a time
    tree.exits("c", SHUTDOWN)
    assert tree.wanted(AskToStop) == ["a"]
    tree.exits("a", SHUTDOWN)
    assert tree.wanted(Spawn) == []
    tree.alarm("b", Alarm.BACKOFF_OVER)
    assert tree.wanted(Spawn) == ["a"]
    tree.ready("a")
    assert tree.wanted(Spawn) == ["b"]
    tree.ready("b")
    tree.ready("c")
    assert [tree.child(name).incarnation for name in "abc"] == [4, 5, 6]


def test_one_for_all_other_child_fails_restart() -> None:
    tree = supervised(a_child("a"), a_child("b"), strategy=Strategy.ONE_FOR_ALL)
    tree.exits("a")
    tree.exits("b", SHUTDOWN)
    tree.alarm("a", Alarm.BACKOFF_OVER)
    tree.ready("a")
    tree.exits("b")  # its start fails: the restarted `a` goes down again
    assert tree.wanted(AskToStop) == ["a"]
    tree.exits("a", SHUTDOWN)
    tree.alarm("b", Alarm.BACKOFF_OVER)
    assert tree.wanted(Spawn) == ["a"]


def test_one_for_all_escalation() -> None:
    tree = supervised(a_child("a"), a_child("b"), strategy=Strategy.ONE_FOR_ALL, intensity=1)
    tree.exits("a")
    tree.exits("b", SHUTDOWN)
    tree.alarm("a", Alarm.BACKOFF_OVER)
    tree.ready("a")
    tree.exits("b")
    assert tree.state.burnt_out


def test_rest_for_one() -> None:
    tree = supervised(a_child("a"), a_child("b"), a_child("c"), strategy=Strategy.REST_FOR_ONE)
    tree.exits("b")
    assert tree.wanted(AskToStop) == ["c"]
    tree.alarm("b", Alarm.BACKOFF_OVER)
    assert tree.wanted(Spawn) == []  # not before `c` is down
    tree.exits("c", SHUTDOWN)
    assert tree.wanted(Spawn) == ["b"]
    tree.ready("b")
    assert tree.wanted(Spawn) == ["c"]
    assert tree.child("a").incarnation == 1


def test_rest_for_one_other_child_fails_restart() -> None:
    tree = supervised(a_child("a"), a_child("b"), a_child("c"), strategy=Strategy.REST_FOR_ONE)
    tree.exits("b")
    tree.exits("c", SHUTDOWN)
    tree.alarm("b", Alarm.BACKOFF_OVER)
    tree.ready("b")
    tree.exits("c")
    assert tree.phases() == "a:running b:running c:backoff"


def test_a_sibling_that_dies_before_it_is_its_turn_to_be_stopped_is_no_restart() -> None:
    tree = supervised(
        a_child("a"), a_child("b"), a_child("c"), strategy=Strategy.ONE_FOR_ALL, intensity=1
    )
    tree.exits("a")
    tree.exits("b", ABNORMAL)  # `c` is being stopped, `b` is next
    assert not tree.state.burnt_out
    tree.exits("c", SHUTDOWN)
    tree.alarm("a", Alarm.BACKOFF_OVER)
    tree.ready("a")
    assert tree.wanted(Spawn) == ["b"]


def test_temporary_bystander_goes_down_with_its_group_and_stays_away() -> None:
    tree = supervised(a_child("a"), a_child("b", TEMPORARY), strategy=Strategy.ONE_FOR_ALL)
    tree.exits("a")
    tree.exits("b", SHUTDOWN)
    tree.comes_back("a")
    assert tree.phases() == "a:running"


def test_children_start_in_order_one_after_the_other() -> None:
    tree = supervised()
    tree.request(a_child("a"))
    tree.request(a_child("b"))
    assert tree.wanted(Spawn) == []
    tree.ready("a")
    assert tree.wanted(Spawn) == ["b"]


def test_a_transient_child_that_ends_before_it_is_ready_is_not_started_over_and_over() -> None:
    tree = supervised()
    tree.request(a_child("a", TRANSIENT))
    tree.request(a_child("b"))
    tree.exits("a", NORMAL)
    assert tree.wanted(Spawn) == ["b"]
    assert tree.phase("a") is Phase.STOPPED


def test_stop_order_is_reversed_and_dynamic_children_stop_in_parallel() -> None:
    tree = supervised(
        a_child("git"), a_child("x", TRANSIENT, dynamic=True), a_child("y", TRANSIENT, dynamic=True)
    )
    tree.stop()
    assert sorted(tree.wanted(AskToStop)) == ["x", "y"]
    tree.exits("y", SHUTDOWN)
    assert tree.wanted(AskToStop) == []
    tree.exits("x", SHUTDOWN)
    assert tree.wanted(AskToStop) == ["git"]
    tree.exits("git", SHUTDOWN)
    assert tree.last[-1] == SupervisorEnded(burnt_out=False)


def test_sup_stop_race() -> None:
    """A child that ends by itself during the stop, in whatever way, does not disturb it."""
    for restart in Restart:
        for how in (NORMAL, SHUTDOWN, ABNORMAL):
            tree = supervised(a_child("a", restart), a_child("b"))
            tree.stop()
            tree.exits("a", how)
            assert not tree.wanted(Spawn)
            assert not tree.wanted(ChildRestarting)
            tree.exits("b", SHUTDOWN)
            assert tree.last[-1] == SupervisorEnded(burnt_out=False)


def test_sup_stop_timeout() -> None:
    tree = supervised(a_child("a", timeout_s=6.0))
    tree.stop(60.0)
    alarms = tree.alarms()
    assert alarms[Alarm.TERMINATE_DUE] == 6.0
    assert 6.0 < alarms[Alarm.KILL_DUE] <= 6.2
    assert tree.alarm("a", Alarm.TERMINATE_DUE) == [Terminate(child_id="a", incarnation=1)]
    tree.alarm("a", Alarm.KILL_DUE)
    assert tree.last[0] == Kill(child_id="a", incarnation=1)


def test_sup_stop_infinity_is_capped_by_the_deadline_of_the_tree() -> None:
    tree = supervised(a_child("a", timeout_s=None), a_child("b", timeout_s=3600.0))
    tree.stop(60.0)
    assert tree.alarms()[Alarm.TERMINATE_DUE] == 60.0
    tree.exits("b", SHUTDOWN)
    assert tree.alarms()[Alarm.TERMINATE_DUE] == 60.0


def test_sup_stop_brutal_kill() -> None:
    tree = supervised(a_child("a", timeout_s=0.0))
    tree.stop()
    assert tree.last[0] == Kill(child_id="a", incarnation=1)


def test_stop_in_backoff_needs_no_signal() -> None:
    tree = supervised(a_child("a"))
    tree.exits("a")
    tree.stop()
    assert [type(each) for each in tree.last] == [ChildEnded, SupervisorEnded]


def test_a_backoff_that_ends_during_the_stop_starts_nothing() -> None:
    tree = supervised(a_child("a"), a_child("b"))
    tree.exits("a")
    tree.stop()  # `b` goes first, and takes its time
    assert tree.alarm("a", Alarm.BACKOFF_OVER) == []
    tree.exits("b", SHUTDOWN)
    assert tree.last[-1] == SupervisorEnded(burnt_out=False)


def test_the_stop_of_a_child_in_backoff_cancels_its_restart() -> None:
    tree = supervised(a_child("a"))
    tree.exits("a")
    tree.stop_child("a")
    assert tree.wanted(ChildEnded) == ["a"]
    assert tree.alarm("a", Alarm.BACKOFF_OVER) == []


def test_a_child_that_was_asked_to_stop_does_not_come_back() -> None:
    tree = supervised(a_child("a"))
    tree.stop_child("a")
    tree.exits("a", ABNORMAL)
    assert tree.wanted(ChildEnded) == ["a"]
    assert tree.phase("a") is Phase.STOPPED


def test_a_hurried_stop_reaches_who_is_stopping_already() -> None:
    tree = supervised(a_child("a"), a_child("b"))
    tree.stop(60.0)
    tree.stop(5.0)
    assert tree.wanted(AskToStop) == ["b"]
    assert tree.alarms()[Alarm.TERMINATE_DUE] == 5.0
    tree.exits("b", SHUTDOWN)
    assert tree.alarms()[Alarm.TERMINATE_DUE] == 5.0


def test_a_second_stop_cannot_slow_down_the_first() -> None:
    tree = supervised(a_child("a"))
    tree.stop(5.0)
    assert tree.stop(60.0) == []
    assert tree.state.deadline is not None
    assert tree.state.deadline.at_s == 5.0


def test_nothing_is_started_once_a_stop_began() -> None:
    tree = supervised(a_child("a"))
    tree.stop()
    assert tree.request(a_child("b")) == []


def test_late_facts_are_ignored() -> None:
    tree = supervised(a_child("a"))
    tree.exits("a")
    tree.comes_back("a")
    before = tree.state
    assert tree.ready("a", 1) == []
    assert tree.exits("a", ABNORMAL, 1) == []
    assert tree.alarm("a", Alarm.START_OVERDUE, 1) == []
    assert tree.alarm("a", Alarm.BACKOFF_OVER, 1) == []
    assert tree.alarm("a", Alarm.KILL_DUE, 1) == []
    assert tree.state == before


def test_a_start_that_is_overdue_is_killed_only_while_it_starts() -> None:
    tree = supervised(a_child("a"))
    assert tree.alarm("a", Alarm.START_OVERDUE) == []
    tree.exits("a")
    tree.alarm("a", Alarm.BACKOFF_OVER)
    tree.alarm("a", Alarm.START_OVERDUE)
    assert tree.last[0] == Kill(child_id="a", incarnation=2)
    assert tree.alarms() == {Alarm.GONE_OVERDUE: 5.0}


def test_a_ready_is_told_once_and_not_while_stopping() -> None:
    tree = supervised(a_child("a"))
    assert tree.ready("a") == []
    tree.exits("a")
    tree.alarm("a", Alarm.BACKOFF_OVER)
    tree.stop()
    assert tree.ready("a") == []
    assert not tree.wanted(ChildStarted)


def test_a_child_that_used_up_its_own_restarts_is_given_up_and_its_supervisor_lives_on() -> None:
    tree = supervised(a_child("a"), a_child("b", TRANSIENT, dynamic=True, restarts_max=2))
    for _ in range(2):
        tree.exits("b")
        tree.comes_back("b")
    tree.exits("b")
    assert tree.wanted(ChildGivenUp) == ["b"]
    assert tree.phases() == "a:running"
    tree.request(a_child("b", TRANSIENT, dynamic=True))
    assert tree.wanted(Spawn) == ["b"]


def test_an_incarnation_is_used_once_even_by_children_of_the_same_name() -> None:
    tree = supervised(a_child("a", TEMPORARY, dynamic=True))
    tree.exits("a")
    tree.request(a_child("a", TEMPORARY, dynamic=True))
    assert tree.child("a").incarnation == 2


def test_to_start_a_child_that_lives_is_an_error_of_ours() -> None:
    tree = supervised(a_child("a"))
    with pytest.raises(AssertionError, match="'a' was started while running"):
        tree.request(a_child("a"))


def test_an_exit_where_no_process_lives_is_an_error_of_ours() -> None:
    tree = supervised(a_child("a"))
    tree.exits("a")
    with pytest.raises(AssertionError, match="'a' exited while backoff"):
        tree.exits("a")


def test_backoff_grows_with_each_death_and_begins_anew_after_a_stable_run() -> None:
    tree = supervised(a_child("a"), intensity=100)
    delays = []
    for stable_s in (0.0, 0.0, 59.0, 60.0):
        tree.now_s += stable_s
        tree.exits("a")
        delays.append(next(e.delay_s for e in tree.last if isinstance(e, ChildRestarting)))
        tree.comes_back("a")
    assert 0.5 <= delays[0] <= 1 <= delays[1] <= 2 <= delays[2] <= 4
    assert 0.5 <= delays[3] <= 1
    assert delays[3] != delays[0]  # each death has a jitter of its own
