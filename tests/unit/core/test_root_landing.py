"""Whose branch goes into another one: one PRD at a time, in the order of asking."""

from __future__ import annotations

from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.supervisor.core.root.words import GrantLease
from prd_supervise.workers.messages.landing import LANDING_LEASE
from prd_supervise.workers.messages.prd import Happened, LeaseReturned, LeaseWanted
from tests.support.root_tree import RootTree, a_tree

WANTED = LeaseWanted(lease=LANDING_LEASE)
RETURNED = LeaseReturned(lease=LANDING_LEASE)


def granted(tree: RootTree) -> list[str]:
    return [each.prd_id for each in tree.last if isinstance(each, GrantLease)]


def three() -> RootTree:
    tree = a_tree(max_prds=3)
    tree.submit("A", "B", "C")
    tree.ready("A", "B", "C")
    return tree


def test_one_lands_at_a_time_and_the_others_wait_in_order() -> None:
    tree = three()
    tree.says("B", WANTED)
    assert granted(tree) == ["B"]
    tree.says("A", WANTED)
    tree.says("C", WANTED)
    assert granted(tree) == []
    tree.says("B", RETURNED)
    assert granted(tree) == ["A"]
    tree.says("A", RETURNED)
    assert granted(tree) == ["C"]


def test_a_holder_that_dies_lets_the_next_one_in() -> None:
    tree = three()
    tree.says("A", WANTED)
    tree.says("B", WANTED)
    tree.exits("A", ExitClass.ABNORMAL)
    assert granted(tree) == ["B"]


def test_who_waited_and_died_is_not_waited_for() -> None:
    tree = three()
    for name in ("A", "B", "C"):
        tree.says(name, WANTED)
    tree.exits("B", ExitClass.ABNORMAL)
    tree.says("A", RETURNED)
    assert granted(tree) == ["C"]


def test_landing_takes_no_place_of_an_agent() -> None:
    tree = a_tree(max_prds=3, api_limit=1)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.says("A", LeaseWanted(lease="US-1#1"))
    tree.says("B", WANTED)
    assert granted(tree) == ["B"]


def test_a_run_that_fails_fast_names_the_first_story_that_failed() -> None:
    tree = a_tree(max_prds=3, fail_fast=True)
    tree.submit("A", "B")
    tree.ready("A", "B")
    tree.says("A", Happened(event="story_failed", story_id="X", attempt=1, text="red"))
    tree.says("B", Happened(event="story_failed", story_id="Y", attempt=1, text="red"))
    tree.ends("A", "failed")
    tree.ends("B", "stopped")
    reasons = {entry.prd_id: entry.reasons for entry in tree.root.entries}
    assert reasons["B"][0] == "stopped because A/X failed, and the run is to fail fast"
    assert not any("fail fast" in reason for reason in reasons["A"])
    assert tree.exit_code == 1
