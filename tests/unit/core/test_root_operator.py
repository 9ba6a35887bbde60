"""Root: what the operator holds, retries and restarts, and a host that is short of something."""

from __future__ import annotations

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import ExitClass, Restart, Strategy
from prd_supervise.supervisor.core.common import Noted, Noticed
from prd_supervise.supervisor.core.otp.commands import AskToStop
from prd_supervise.supervisor.core.root.records import (
    Held,
    PrdAccepted,
    PrdBegun,
    PrdState,
    Released,
    RetryGiven,
    RetryOrdered,
)
from prd_supervise.supervisor.core.root.words import (
    AdmissionChanged,
    Announce,
    HoldAsked,
    PassOn,
    PrdRestartAsked,
    ReleaseAsked,
    RetryAsked,
    WriteRoot,
)
from prd_supervise.workers.messages.prd import (
    Happened,
    Hold,
    LeaseWanted,
    Release,
    Retry,
)
from tests.support.root_tree import RootTree, a_tree


def passed_on(tree: RootTree) -> list[object]:
    return [each.order for each in tree.last if isinstance(each, PassOn)]


def recorded(tree: RootTree, kind: type) -> list[object]:
    records = [each.record for each in tree.last if isinstance(each, WriteRoot)]
    return [each for each in records if isinstance(each, kind)]


def announced(tree: RootTree) -> list[str]:
    return [each.event for each in tree.last if isinstance(each, Announce)]


def restart(tree: RootTree, prd_id: str) -> None:
    tree.hear(PrdRestartAsked(prd_id=prd_id, deadline=deadline_from(tree.now_s, 60.0)))


def test_a_held_prd_keeps_its_place_in_the_queue_and_lets_others_in() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B", "C")
    tree.ready("A")
    tree.hear(HoldAsked(prd_id="B"))
    assert recorded(tree, Held) == [Held(prd_id="B")]
    assert announced(tree) == ["held"]
    tree.ends("A", "completed")
    assert tree.started() == ["C"]
    tree.ready("C")
    tree.ends("C", "completed")
    assert tree.exit_code is None  # B waits, and root with it
    tree.hear(ReleaseAsked(prd_id="B"))
    assert recorded(tree, Released) == [Released(prd_id="B")]
    assert tree.started() == ["B"]


def test_a_hold_of_what_runs_is_passed_on_and_known() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.hear(HoldAsked(prd_id="A", story_id="s"))
    assert passed_on(tree) == [Hold(story_id="s")]
    assert tree.root.holds == {("A", "s")}
    tree.hear(HoldAsked(prd_id="A", story_id="s"))
    assert tree.last == []
    tree.hear(ReleaseAsked(prd_id="A", story_id="s"))
    assert passed_on(tree) == [Release(story_id="s")]
    assert tree.root.holds == frozenset()


def test_a_stop_ends_a_root_that_waits_for_what_is_held() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B")
    tree.ready("A")
    tree.hear(HoldAsked(prd_id="B"))
    tree.ends("A", "completed")
    assert tree.exit_code is None
    tree.stop()
    assert tree.exit_code == 75


def test_a_restart_ends_the_supervisor_gracefully_and_starts_it_again_uncounted() -> None:
    tree = a_tree(max_prds=1, intensity=0)
    tree.submit("A", "B")
    tree.ready("A")
    restart(tree, "A")
    assert [each.child_id for each in tree.last if isinstance(each, AskToStop)] == ["A"]
    assert announced(tree) == ["prd_restart_asked"]
    tree.ends("A", "stopped")
    assert tree.started() == ["A"]  # before B, whose turn has not come
    assert recorded(tree, PrdBegun) == [PrdBegun(prd_id="A")]
    assert tree.root.supervisor.restarted_at_s == ()
    tree.ready("A")
    tree.ends("A", "stopped")  # the next end is no restart any more
    assert tree.state("A") is PrdState.STOPPED


def test_a_restart_of_one_that_waits_for_its_restart_starts_it_at_once() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.exits("A", ExitClass.ABNORMAL)
    restart(tree, "A")
    assert tree.started() == ["A"]


def test_who_is_done_before_it_hears_of_a_restart_is_done() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    restart(tree, "A")
    tree.ends("A", "completed")
    assert tree.state("A") is PrdState.COMPLETED
    assert tree.exit_code == 0


def test_a_stop_of_the_tree_is_stronger_than_a_restart() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    restart(tree, "A")
    tree.stop()
    tree.ends("A", "stopped")
    assert (tree.started(), tree.exit_code) == ([], 75)


def test_a_retry_is_passed_on_until_it_is_seen_to_be_done() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.hear(RetryAsked(prd_id="A", story_id="s"))
    assert passed_on(tree) == [Retry(story_id="s")]
    assert recorded(tree, RetryOrdered) == [RetryOrdered(prd_id="A", story_id="s")]
    tree.exits("A", ExitClass.ABNORMAL)  # whether it heard of it, nobody knows
    tree.comes_back("A")
    assert passed_on(tree) == [Retry(story_id="s")]
    for given in ([RetryGiven(prd_id="A", story_id="s")], []):
        tree.says("A", Happened(event="retried", story_id="s", attempt=0, text=""))
        assert recorded(tree, RetryGiven) == given
    tree.exits("A", ExitClass.ABNORMAL)
    tree.comes_back("A")
    assert passed_on(tree) == []


def test_a_prd_that_ended_before_it_heard_of_a_retry_is_run_again_for_it() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.hear(RetryAsked(prd_id="A", story_id="s"))
    tree.ends("A", "failed")
    (accepted,) = recorded(tree, PrdAccepted)
    assert isinstance(accepted, PrdAccepted)
    assert (accepted.retry, accepted.retry_stories) == (False, ("s",))
    assert tree.started() == ["A"]
    assert tree.exit_code is None


def test_a_retry_of_what_is_queued_is_told_with_its_beginning() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B", "C")
    tree.hear(RetryAsked(prd_id="B", story_id="s"))
    entry = tree.root.entry("B")
    assert entry is not None
    assert entry.accepted.retry_stories == ("s",)
    assert [each.prd_id for each in tree.root.entries] == ["A", "B", "C"]


def test_a_host_that_is_short_lets_nobody_begin_and_gives_no_lease() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    tree.hear(AdmissionChanged(is_admitting=False, why="memory: 300 MiB left"))
    assert tree.root.refusal == "memory: 300 MiB left"
    tree.says("A", LeaseWanted(lease="x"))
    assert tree.granted() == []
    tree.submit("B")
    assert tree.started() == []
    tree.hear(AdmissionChanged(is_admitting=True))
    assert (tree.granted(), tree.started()) == (["A/x"], ["B"])


def test_the_group_of_a_prd_goes_down_with_it_and_none_of_it_is_settled() -> None:
    tree = a_tree(strategy=Strategy.ONE_FOR_ALL)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.exits("A", ExitClass.ABNORMAL)
    assert [each.child_id for each in tree.last if isinstance(each, AskToStop)] == ["B"]
    tree.exits("B", ExitClass.SHUTDOWN)
    assert (tree.state("A"), tree.state("B")) == (PrdState.ACTIVE, PrdState.ACTIVE)
    tree.comes_back("A")
    assert tree.started() == ["B"]


def test_a_temporary_prd_is_not_started_again() -> None:
    tree = a_tree(restart=Restart.TEMPORARY)
    tree.submit("A")
    tree.ready("A")
    tree.exits("A", ExitClass.ABNORMAL)
    assert tree.state("A") is PrdState.STOPPED
    assert tree.exit_code == 75


def test_what_the_shell_notices_is_told_and_in_the_story() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.hear(Noticed(child_id="A", event="hang_warned", text="no heartbeat for 5 s"))
    assert announced(tree) == ["hang_warned"]
    noted = Noted(child_id="A", event="hang_warned", attempt=0, text="no heartbeat for 5 s")
    assert recorded(tree, Noted) == [noted]
