"""PRDs that need each other's stories: what root tells whom, and who takes a place."""

from __future__ import annotations

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.needs import Needs
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.core.root.words import HoldAsked, PassOn, PrdStopAsked, ReleaseAsked
from prd_supervise.workers.messages.prd import (
    PrdReport,
    Standing,
    StoryElsewhere,
    StoryView,
    Waiting,
)
from tests.support.root_tree import RootTree, a_tree

DONE, OPEN, LOST = Standing.DONE, Standing.OPEN, Standing.LOST


def view(story_id: str, standing: Standing, state: str = "waiting") -> StoryView:
    return StoryView(story_id=story_id, title="", state=state, attempt=0, standing=standing)


def report(
    *stories: StoryView,
    needs: tuple[str, ...] = (),
    waits: tuple[str, ...] = (),
    has_held: bool = False,
    is_whole: bool = False,
) -> PrdReport:
    return PrdReport(
        branch="b",
        base="b",
        stories=stories,
        is_whole=is_whole,
        needs=needs,
        waiting=Waiting(needs=waits, has_held=has_held),
    )


def opens(
    tree: RootTree,
    prd_id: str,
    *ids: str,
    needs: tuple[str, ...] = (),
    waits: tuple[str, ...] = (),
) -> None:
    """A supervisor has looked at its branch: nothing is done."""
    tree.ready(prd_id)
    views = (view(each, OPEN) for each in ids)
    tree.says(prd_id, report(*views, is_whole=True, needs=needs, waits=waits))


def told(tree: RootTree) -> dict[tuple[str, str], StoryElsewhere]:
    return {
        (each.prd_id, each.order.need): each.order
        for each in tree.last
        if isinstance(each, PassOn) and isinstance(each.order, StoryElsewhere)
    }


def standings(tree: RootTree) -> dict[tuple[str, str], Standing]:
    return {key: word.standing for key, word in told(tree).items()}


def one_waits(max_prds: int = 3) -> RootTree:
    """A needs X of B and can only wait; B runs."""
    tree = a_tree(max_prds=max_prds)
    tree.submit("A", "B")
    opens(tree, "A", "S", needs=("B/X",), waits=("B/X",))
    opens(tree, "B", "X")
    return tree


def test_a_prd_is_told_how_the_stories_stand_that_it_needs() -> None:
    tree = a_tree()
    tree.submit("A", "B")
    opens(tree, "A", "S", needs=("B/X",), waits=("B/X",))
    assert standings(tree) == {("A", "B/X"): OPEN}
    opens(tree, "B", "X", "Y")
    assert standings(tree) == {}
    tree.says("B", report(view("Y", DONE)))
    assert standings(tree) == {}
    tree.says("B", report(view("X", DONE)))
    assert standings(tree) == {("A", "B/X"): DONE}


def test_what_failed_or_is_skipped_elsewhere_is_told_with_the_reason() -> None:
    for state, why in (("failed", "which failed"), ("skipped", "which is skipped")):
        tree = one_waits()
        tree.says("B", report(view("X", LOST, state)))
        assert told(tree)["A", "B/X"].why == why


def test_a_prd_that_is_not_run_at_all_is_named() -> None:
    tree = a_tree()
    tree.submit("A")
    opens(tree, "A", "S", needs=("B/X",), waits=("B/X",))
    assert told(tree)["A", "B/X"].why == "and B is not being run: start it too"
    tree.submit("B")  # by another hand, while A still lives
    assert standings(tree) == {("A", "B/X"): OPEN}


def test_what_an_earlier_run_has_done_is_known() -> None:
    tree = a_tree()
    tree.root = replace(tree.root, needs=Needs(done_before=frozenset({"B/X"})))
    tree.submit("A")
    opens(tree, "A", "S", needs=("B/X",), waits=("B/X",))
    assert standings(tree) == {("A", "B/X"): DONE}


def test_a_branch_that_was_reset_is_believed_and_not_the_journal() -> None:
    tree = a_tree()
    tree.root = replace(tree.root, needs=Needs(done_before=frozenset({"B/X"})))
    tree.submit("B", "A")
    opens(tree, "A", "S", needs=("B/X",))
    assert standings(tree) == {("A", "B/X"): DONE}
    opens(tree, "B", "X")
    assert standings(tree) == {("A", "B/X"): OPEN}


def test_a_prd_that_ends_or_is_stopped_without_it_lets_nobody_wait_on() -> None:
    tree = one_waits()
    tree.ends("B", "completed")
    assert told(tree)["A", "B/X"].why == "and B is complete without it"
    tree = one_waits()
    tree.hear(PrdStopAsked(prd_id="B", deadline=deadline_from(0.0, 5.0)))
    assert standings(tree) == {}
    tree.ends("B", "stopped")
    # Without its name, a resume leaves out what was stopped by its name.
    assert told(tree)["A", "B/X"].why == "and B is stopped: `prd-supervise resume B` goes on"
    tree.submit("B")
    assert standings(tree) == {("A", "B/X"): OPEN}


def test_what_is_done_stays_done_when_its_prd_has_ended() -> None:
    tree = one_waits()
    tree.says("B", report(view("X", DONE)))
    tree.ends("B", "failed")
    assert standings(tree) == {}


def test_a_supervisor_that_comes_back_is_told_anew_and_one_that_died_is_waited_for() -> None:
    tree = one_waits()
    tree.exits("B", ExitClass.ABNORMAL)
    assert standings(tree) == {}
    tree.comes_back("B")
    tree.says("B", report(view("X", DONE), is_whole=True))
    assert standings(tree) == {("A", "B/X"): DONE}
    tree.exits("A", ExitClass.ABNORMAL)
    tree.comes_back("A")
    tree.says("A", report(view("S", OPEN), is_whole=True, needs=("B/X",), waits=("B/X",)))
    assert standings(tree) == {("A", "B/X"): DONE}


def test_a_failed_need_that_is_accepted_again_may_come_yet() -> None:
    tree = one_waits()
    tree.says("B", report(view("X", LOST, "failed")))
    tree.ends("B", "failed")
    tree.submit("B")
    assert standings(tree) == {("A", "B/X"): OPEN}


def test_a_prd_that_only_waits_takes_no_place() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B", "C")
    assert tree.started() == ["A"]
    tree.ready("A")
    tree.says("A", report(view("S", OPEN), is_whole=True, needs=("C/X",), waits=("C/X",)))
    assert tree.started() == ["C"]  # before B: somebody waits for it
    assert tree.state("B") is PrdState.QUEUED


def test_what_wakes_a_prd_is_told_when_a_place_is_free() -> None:
    tree = one_waits(max_prds=1)
    tree.says("B", report(view("X", DONE)))
    assert standings(tree) == {}
    tree.ends("B", "completed")
    assert standings(tree) == {("A", "B/X"): DONE}


def test_prds_that_need_each_other_crosswise_get_through_with_one_place() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B")
    opens(tree, "A", "S", "T", needs=("B/X",), waits=("B/X",))
    assert tree.started() == ["B"]
    opens(tree, "B", "X", "Y", needs=("A/T",))
    assert standings(tree) == {("B", "A/T"): OPEN}
    tree.says("B", report(view("X", DONE)))
    assert standings(tree) == {}
    tree.says("B", report(waits=("A/T",)))
    assert standings(tree) == {("A", "B/X"): DONE}
    tree.says("A", report())
    tree.says("A", report(view("S", DONE), view("T", DONE)))
    assert standings(tree) == {}  # A is at work
    tree.ends("A", "completed")
    assert standings(tree) == {("B", "A/T"): DONE}
    tree.says("B", report(view("Y", DONE)))
    tree.ends("B", "completed")
    assert tree.exit_code == 0


def test_prds_that_wait_for_each_other_alone_are_told_that_nobody_comes() -> None:
    tree = a_tree()
    tree.submit("A", "B", "C")
    opens(tree, "A", "S", needs=("B/X",), waits=("B/X",))
    opens(tree, "C", "Z", needs=("A/S",), waits=("A/S",))
    opens(tree, "B", "X", needs=("C/Z",), waits=("C/Z",))
    assert {key: word.why for key, word in told(tree).items()} == {
        ("A", "B/X"): "which waits for A in turn",
        ("B", "C/Z"): "which waits for B in turn",
        ("C", "A/S"): "which waits for C in turn",
    }


def test_a_ring_with_somebody_who_works_or_is_held_is_waited_for() -> None:
    tree = one_waits()
    tree.says("B", report(view("X", OPEN), is_whole=True, needs=("A/S",), waits=()))
    assert standings(tree) == {("B", "A/S"): OPEN}
    tree.says("B", report(waits=("A/S",), has_held=True))
    assert standings(tree) == {}
    tree.says("B", report(waits=("A/S",)))
    assert standings(tree) == {("A", "B/X"): LOST, ("B", "A/S"): LOST}


def test_a_held_prd_is_waited_for_until_it_is_released() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.hear(HoldAsked(prd_id="B"))
    tree.submit("B")
    opens(tree, "A", "S", needs=("B/X",), waits=("B/X",))
    assert standings(tree) == {("A", "B/X"): OPEN}
    tree.hear(ReleaseAsked(prd_id="B"))
    assert tree.started() == ["B"]


def test_nothing_is_told_once_the_tree_stops() -> None:
    tree = one_waits()
    tree.stop()
    tree.says("B", report(view("X", DONE)))
    assert standings(tree) == {}
