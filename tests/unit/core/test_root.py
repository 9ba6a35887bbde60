"""Root: the queue of PRDs, the leases, the stop and the exit code."""

from __future__ import annotations

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.supervisor.core.common import StorageChanged
from prd_supervise.supervisor.core.otp.commands import AskToStop
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.core.root.words import Announce, PrdSaid, PrdStopAsked
from prd_supervise.workers.messages.prd import Happened, LeaseReturned, LeaseWanted
from tests.support.root_tree import a_tree


def test_more_prds_than_places_wait_in_the_order_of_the_queue() -> None:
    tree = a_tree(max_prds=2)
    tree.submit("A", "B", "C")
    assert tree.started() == ["A", "B"]
    tree.ready("A", "B")
    tree.ends("B", "completed")
    assert tree.started() == ["C"]
    assert tree.state("B") is PrdState.COMPLETED


def test_the_tree_ends_with_0_when_all_is_completed() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.ends("A", "completed")
    assert tree.exit_code == 0


def test_a_failed_prd_stops_no_other_and_ends_the_tree_with_1() -> None:
    tree = a_tree()
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.ends("A", "failed")
    assert tree.exit_code is None
    tree.ends("B", "completed")
    assert tree.exit_code == 1


def test_nothing_to_do_is_done() -> None:
    tree = a_tree()
    tree.submit()
    assert tree.exit_code == 0


def test_a_stop_leaves_what_waits_for_a_resume_and_ends_with_75() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B")
    tree.ready("A")
    tree.stop()
    tree.ends("A", "stopped")
    assert tree.exit_code == 75
    assert (tree.state("A"), tree.state("B")) == (PrdState.STOPPED, PrdState.QUEUED)
    tree.stop()
    assert tree.exit_code is None  # it is told once


def test_a_stop_while_a_prd_backs_off_needs_nobody() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.exits("A", ExitClass.ABNORMAL)
    tree.stop()
    assert tree.exit_code == 75
    assert tree.state("A") is PrdState.STOPPED


def test_a_second_stop_hurries_who_is_stopping() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.stop(60.0)
    tree.stop(5.0)
    asked = [each for each in tree.last if isinstance(each, AskToStop)]
    assert [each.deadline.at_s for each in asked] == [5.0]


def test_the_stop_of_one_prd_concerns_no_other_and_lets_the_next_one_in() -> None:
    tree = a_tree(max_prds=2)
    tree.submit("A", "B", "C")
    tree.ready("A", "B")
    tree.hear(PrdStopAsked(prd_id="A", deadline=deadline_from(0.0, 60.0)))
    assert [e.child_id for e in tree.last if isinstance(e, AskToStop)] == ["A"]
    tree.ends("A", "stopped")
    assert tree.started() == ["C"]
    assert tree.state("A") is PrdState.STOPPED


def test_the_stop_of_a_prd_that_dies_or_waits_keeps_it_from_coming_back() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B")
    tree.ready("A")
    tree.hear(PrdStopAsked(prd_id="B", deadline=deadline_from(0.0, 60.0)))
    assert tree.state("B") is PrdState.STOPPED
    tree.exits("A", ExitClass.ABNORMAL)
    tree.hear(PrdStopAsked(prd_id="A", deadline=deadline_from(0.0, 60.0)))
    assert tree.state("A") is PrdState.STOPPED
    assert tree.exit_code == 75


def test_a_prd_that_dies_comes_back_and_its_leases_go_to_others() -> None:
    tree = a_tree(api_limit=1)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.says("A", LeaseWanted(lease="x"))
    assert tree.granted() == ["A/x"]
    tree.says("B", LeaseWanted(lease="y"))
    assert tree.granted() == []
    tree.exits("A", ExitClass.ABNORMAL)
    assert tree.granted() == ["B/y"]
    tree.comes_back("A")
    assert tree.state("A") is PrdState.ACTIVE


def test_a_returned_lease_goes_to_the_next() -> None:
    tree = a_tree(api_limit=1)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.says("A", LeaseWanted(lease="x"))
    tree.says("B", LeaseWanted(lease="y"))
    tree.says("A", LeaseReturned(lease="x"))
    assert tree.granted() == ["B/y"]


def test_words_of_a_dead_incarnation_are_not_heard() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.exits("A", ExitClass.ABNORMAL)
    tree.says("A", LeaseWanted(lease="x"))  # in backoff, it still bears the old number
    assert tree.granted() == []
    tree.comes_back("A")
    tree.hear(PrdSaid(prd_id="A", incarnation=1, word=LeaseWanted(lease="x")))
    assert tree.granted() == []


def test_no_lease_is_given_once_a_stop_began() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.stop()
    tree.says("A", LeaseWanted(lease="x"))
    assert tree.granted() == []


def test_fail_fast_stops_all_at_the_first_failed_story_and_ends_with_1() -> None:
    tree = a_tree(fail_fast=True)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.says("A", Happened(event="story_failed", story_id="s", attempt=3, text="given up"))
    assert sorted(e.child_id for e in tree.last if isinstance(e, AskToStop)) == ["A", "B"]
    tree.ends("A", "failed")
    tree.ends("B", "stopped")
    assert tree.exit_code == 1


def test_prds_that_die_too_often_burn_root_out() -> None:
    tree = a_tree(intensity=1)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.exits("A", ExitClass.ABNORMAL)
    tree.exits("B", ExitClass.ABNORMAL)
    assert tree.exit_code == 70


def test_a_full_disk_starts_no_prd_until_it_has_room_again() -> None:
    tree = a_tree()
    tree.hear(StorageChanged(is_full=True))
    tree.submit("A")
    assert tree.started() == []
    tree.hear(StorageChanged(is_full=False))
    assert tree.started() == ["A"]


def test_a_full_disk_is_told_of_and_that_it_has_room_again_too() -> None:
    tree = a_tree()
    for is_full, event in ((True, "storage_full"), (False, "storage_has_room")):
        tree.hear(StorageChanged(is_full=is_full))
        assert [each.event for each in tree.last if isinstance(each, Announce)] == [event]


def test_a_prd_that_runs_is_not_queued_again_and_one_that_ended_is() -> None:
    tree = a_tree()
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.submit("A")
    assert tree.last == []
    tree.ends("A", "failed")
    tree.submit("A")
    assert tree.started() == ["A"]
    assert tree.incarnation("A") == 3
