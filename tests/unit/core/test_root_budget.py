"""The budget of the whole run, and what a person lets be spent once more, at root."""

from __future__ import annotations

from prd_supervise.policies.costs.budget import Budget, Spent
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.records import BudgetRenewed, PrdState, RunBegun
from prd_supervise.supervisor.core.root.words import (
    Announce,
    BudgetReleaseAsked,
    PassOn,
    PrdsSubmitted,
    RunBudgetChanged,
    RunOpened,
    RunReleaseAsked,
    WriteRoot,
)
from prd_supervise.workers.messages.budget import BudgetReleased, RunSpent
from prd_supervise.workers.messages.prd import Happened, PrdReport
from tests.support.root_tree import RootTree, a_tree, accepted

TWO_DOLLARS = Spent(usd=2.0, tokens=2000)
FULL = "the run's budget: $2.00 of $2.00 spent"


def a_bounded_tree(*, max_prds: int = 1, usd: float = 2.0, stays: bool = False) -> RootTree:
    tree = a_tree(max_prds=max_prds)
    ledger = replace(tree.root.ledger, budget=Budget(usd=usd))
    tree.root = replace(tree.root, ledger=ledger, stays=stays)
    return tree


def report(tree: RootTree, prd_id: str, spent: Spent) -> None:
    tree.says(prd_id, PrdReport(branch="b", base="c", stories=(), spent=spent))


def passed_on(tree: RootTree) -> list[object]:
    return [each.order for each in tree.last if isinstance(each, PassOn)]


def announced(tree: RootTree) -> list[str]:
    return [each.event for each in tree.last if isinstance(each, Announce)]


def recorded(tree: RootTree, kind: type) -> list[object]:
    records = [each.record for each in tree.last if isinstance(each, WriteRoot)]
    return [each for each in records if isinstance(each, kind)]


def test_a_run_whose_budget_is_used_up_begins_no_prd_and_ends_like_one_that_was_stopped() -> None:
    tree = a_bounded_tree()
    tree.submit("A", "B")
    tree.ready("A")
    report(tree, "A", TWO_DOLLARS)
    assert announced(tree) == ["budget_used"]
    assert passed_on(tree) == [RunSpent(why=FULL)]
    report(tree, "A", Spent(usd=2.5, tokens=2000))
    assert (announced(tree), passed_on(tree)) == ([], [])  # once
    tree.ends("A", "completed")
    assert tree.started() == []
    assert tree.exit_code == 75
    assert tree.state("B") is PrdState.QUEUED


def test_a_run_that_stays_waits_for_a_release_and_then_goes_on() -> None:
    tree = a_bounded_tree(stays=True)
    tree.submit("A", "B")
    tree.ready("A")
    report(tree, "A", TWO_DOLLARS)
    tree.ends("A", "stopped")
    assert tree.exit_code is None
    tree.hear(RunReleaseAsked(prd_ids=("A",)))
    assert recorded(tree, RunBegun) == [RunBegun(spent=(("A", TWO_DOLLARS),))]
    assert tree.started() == ["B"]
    assert tree.state("A") is PrdState.QUEUED


def test_only_what_was_spent_since_the_run_began_counts() -> None:
    tree = a_bounded_tree()
    before = {"A": Spent(usd=9.0)}
    tree.root = replace(tree.root, ledger=replace(tree.root.ledger, spent=before))
    tree.hear(PrdsSubmitted(prds=(accepted("A"),), opens=RunOpened(is_new=True)))
    assert announced(tree) == []
    tree.ready("A")
    report(tree, "A", Spent(usd=10.5))
    assert not tree.root.ledger.used
    report(tree, "A", Spent(usd=11.0))
    assert tree.root.ledger.used


def test_a_resume_goes_on_with_the_run_and_says_that_nothing_is_left() -> None:
    tree = a_bounded_tree(stays=True)
    before = {"A": TWO_DOLLARS}
    tree.root = replace(tree.root, ledger=replace(tree.root.ledger, spent=before))
    tree.hear(PrdsSubmitted(prds=(accepted("A"),), opens=RunOpened()))
    assert announced(tree) == ["budget_used"]
    assert tree.started() == []


def test_the_release_of_a_prd_is_journalled_and_passed_on_and_it_is_told_once() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    order = BudgetReleased(story_id="S", spent=TWO_DOLLARS)
    tree.hear(BudgetReleaseAsked(prd_id="A", renewed=(order,)))
    assert recorded(tree, BudgetRenewed) == [
        BudgetRenewed(prd_id="A", story_id="S", spent=TWO_DOLLARS)
    ]
    assert passed_on(tree) == [order]
    assert tree.root.ledger.renewed_of("A") == (order,)  # what its next supervisor is told
    tree.says("A", Happened(event="budget_taken", story_id="S", attempt=0, text=""))
    tree.ends("A", "stopped")
    assert tree.state("A") is PrdState.STOPPED  # it knew, and stopped all the same


def test_a_prd_that_was_ending_when_its_budget_was_released_is_run_again() -> None:
    tree = a_tree()
    tree.submit("A")
    tree.ready("A")
    order = BudgetReleased(spent=TWO_DOLLARS)
    tree.hear(BudgetReleaseAsked(prd_id="A", renewed=(order,)))
    tree.ends("A", "stopped")
    assert tree.started() == ["A"]
    tree.ready("A")
    tree.ends("A", "stopped")
    assert tree.started() == []  # but not for ever


def test_a_prd_that_has_stopped_for_its_budget_is_run_again_unless_somebody_stopped_it() -> None:
    tree = a_tree()
    tree.root = replace(tree.root, stays=True)
    tree.submit("A")
    tree.ready("A")
    tree.ends("A", "stopped")
    order = BudgetReleased(spent=TWO_DOLLARS)
    tree.hear(BudgetReleaseAsked(prd_id="A", renewed=(order,), goes_on=False))
    assert tree.started() == []
    tree.hear(BudgetReleaseAsked(prd_id="A", renewed=(order,)))
    assert tree.started() == ["A"]


def test_a_larger_budget_of_the_run_lets_its_prds_go_on() -> None:
    tree = a_bounded_tree(stays=True)
    tree.submit("A", "B")
    tree.ready("A")
    report(tree, "A", TWO_DOLLARS)
    tree.hear(RunBudgetChanged(budget=Budget(usd=5.0)))
    assert passed_on(tree) == [RunSpent()]
    tree.ends("A", "completed")
    assert tree.started() == ["B"]
