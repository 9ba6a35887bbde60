"""Root: plans that change while it runs, and a root that stays when all is done."""

from __future__ import annotations

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.core.root.words import (
    PassOn,
    PlanChangeAsked,
    PrdsSubmitted,
    PrdStopAsked,
)
from prd_supervise.workers.messages.prd import PlanChanged, PlanTaken
from tests.support.root_tree import RootTree, a_tree


def changes_passed_on(tree: RootTree) -> list[str]:
    orders = [each for each in tree.last if isinstance(each, PassOn)]
    return [each.prd_id for each in orders if isinstance(each.order, PlanChanged)]


def change(tree: RootTree, prd_id: str) -> None:
    tree.hear(PlanChangeAsked(prd_id=prd_id))


def begun() -> RootTree:
    tree = a_tree(max_prds=1)
    tree.submit("A")
    tree.ready("A")
    return tree


def test_a_new_plan_is_passed_on_to_who_runs() -> None:
    tree = begun()
    change(tree, "A")
    assert changes_passed_on(tree) == ["A"]


def test_a_successor_is_told_again_until_the_plan_is_taken() -> None:
    tree = begun()
    change(tree, "A")
    tree.exits("A", ExitClass.ABNORMAL)
    tree.comes_back("A")
    assert changes_passed_on(tree) == ["A"]
    tree.says("A", PlanTaken())
    tree.exits("A", ExitClass.ABNORMAL)
    tree.comes_back("A")
    assert changes_passed_on(tree) == []


def test_a_prd_that_ended_before_it_took_its_plan_is_run_once_more() -> None:
    tree = begun()
    change(tree, "A")
    tree.ends("A", "completed")
    assert tree.started() == ["A"]
    tree.ready("A")
    tree.ends("A", "completed")
    assert tree.exit_code == 0


def test_a_plan_that_comes_just_after_the_end_starts_the_prd_again() -> None:
    tree = a_tree()
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.ends("A", "completed")
    change(tree, "A")
    assert tree.started() == ["A"]


def test_a_prd_that_waits_for_its_turn_finds_its_new_plan_by_itself() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("A", "B")
    change(tree, "B")
    assert tree.last == []


def test_a_new_plan_starts_nothing_that_somebody_has_stopped() -> None:
    tree = a_tree()
    tree.submit("A", "B")
    tree.ready("A", "B")
    change(tree, "A")
    tree.hear(PrdStopAsked(prd_id="A", deadline=deadline_from(tree.now_s, 60.0)))
    tree.ends("A", "stopped")
    assert tree.state("A") is PrdState.STOPPED
    change(tree, "A")
    assert tree.started() == []


def staying() -> RootTree:
    tree = a_tree()
    tree.root = replace(tree.root, stays=True)
    tree.hear(PrdsSubmitted(prds=()))
    return tree


def test_a_root_that_watches_stays_without_work_and_ends_with_nothing_left() -> None:
    tree = staying()
    assert tree.exit_code is None
    tree.stop()
    assert tree.exit_code == 0


def test_a_root_that_watches_takes_what_comes_and_says_how_it_was() -> None:
    tree = staying()
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.ends("A", "completed")
    tree.ends("B", "failed")
    assert tree.exit_code is None
    tree.submit("B")
    assert tree.started() == ["B"]
    tree.ready("B")
    tree.ends("B", "completed")
    tree.stop()
    assert tree.exit_code == 0
