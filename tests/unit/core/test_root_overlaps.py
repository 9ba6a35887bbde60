"""Stories of different PRDs that declare the same files, at root."""

from __future__ import annotations

from prd_supervise.policies.scheduling.overlap import Overlaps
from prd_supervise.supervisor.core.root.overlaps import Met, kept_back
from prd_supervise.supervisor.core.root.words import ScopesRead, TellMeeting
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.shell.root.overlaps import table_of
from prd_supervise.workers.messages.prd import (
    LeaseReturned,
    LeaseWanted,
    StoryAtRest,
    StoryAtWork,
)
from prd_supervise.workers.messages.rules import Strategy
from tests.support.root_tree import RootTree, a_tree


def plan(prd_id: str, **files: str) -> Plan:
    stories = tuple(
        PlannedStory(story_id=name, title=name, files=(glob,)) for name, glob in files.items()
    )
    return Plan(prd_id=prd_id, title="", path="/p", stories=stories)


def table(one: Strategy, other: Strategy) -> Overlaps:
    plans = plan("P", A="src/**", B="docs/"), plan("Q", X="src/a.py", Y="lib/")
    return table_of(plans, {"P": one, "Q": other})


def two_prds(strategy: Strategy) -> RootTree:
    tree = a_tree()
    tree.submit("P", "Q")
    tree.ready("P", "Q")
    tree.hear(ScopesRead(table=table(strategy, strategy)))
    return tree


def wants(tree: RootTree, prd_id: str, lease: str) -> list[str]:
    tree.says(prd_id, LeaseWanted(lease=lease))
    return tree.granted()


def told(tree: RootTree) -> list[Met]:
    return [each.met for each in tree.last if isinstance(each, TellMeeting)]


def at_work(story_id: str) -> StoryAtWork:
    return StoryAtWork(story_id=story_id, attempt=1, pid=1, start_ticks=1)


def test_the_stricter_strategy_of_two_prds_holds_for_what_both_touch() -> None:
    key, other = ("P", "A"), ("Q", "X")
    for one, its, expected in (
        (Strategy.FILE, Strategy.NONE, (True, False)),
        (Strategy.ENTITY, Strategy.FILE, (True, False)),
        (Strategy.ENTITY, Strategy.NONE, (False, True)),
        (Strategy.NONE, Strategy.NONE, (False, False)),
    ):
        found = table(one, its)
        assert (found.excludes(key, other), found.mentions(key, other)) == expected
        assert (found.excludes(other, key), found.mentions(other, key)) == expected
        assert not found.excludes(("P", "B"), other)


def test_stories_of_one_prd_are_kept_apart_elsewhere() -> None:
    both = plan("P", A="src/**", B="src/a.py"), plan("Q", X="lib/")
    found = table_of(both, {"P": Strategy.FILE, "Q": Strategy.FILE})
    assert not found.excludes(("P", "A"), ("P", "B"))


def test_with_files_as_locks_a_story_waits_until_the_other_prds_is_at_rest() -> None:
    tree = two_prds(Strategy.FILE)
    assert wants(tree, "P", "A#1") == ["P/A#1"]
    tree.says("P", at_work("A"))
    assert wants(tree, "Q", "X#1") == []
    assert told(tree) == [Met(story=("Q", "X"), other=("P", "A"), waits=True)]
    assert wants(tree, "Q", "Y#1") == ["Q/Y#1"]
    tree.says("P", LeaseReturned(lease="A#1"))
    assert tree.granted() == []  # its agent is over, its work is not merged
    tree.says("P", StoryAtRest(story_id="A"))
    assert tree.granted() == ["Q/X#1"]
    assert told(tree) == []


def test_a_prd_whose_supervisor_dies_takes_nobodys_files_along() -> None:
    tree = two_prds(Strategy.FILE)
    wants(tree, "P", "A#1")
    tree.says("P", at_work("A"))
    assert wants(tree, "Q", "X#1") == []
    tree.exits("P")
    assert "Q/X#1" in tree.granted()


def test_by_entity_both_run_and_people_are_told_once() -> None:
    tree = two_prds(Strategy.ENTITY)
    wants(tree, "P", "A#1")
    assert wants(tree, "Q", "X#1") == ["Q/X#1"]
    assert told(tree) == [Met(story=("Q", "X"), other=("P", "A"), waits=False)]
    tree.says("Q", LeaseReturned(lease="X#1"))
    assert wants(tree, "Q", "X#2") == ["Q/X#2"]
    assert told(tree) == []


def test_with_strategy_none_nobody_says_a_word() -> None:
    tree = two_prds(Strategy.NONE)
    wants(tree, "P", "A#1")
    assert wants(tree, "Q", "X#1") == ["Q/X#1"]
    assert told(tree) == []


def named(prd_id: str, group: str = "", **names: str) -> Plan:
    stories = tuple(
        PlannedStory(story_id=name, title=name, mutex=(mutex,), group=group)
        for name, mutex in names.items()
    )
    return Plan(prd_id=prd_id, title="", path="/p", stories=stories)


def test_a_mutex_holds_over_prds_with_every_strategy() -> None:
    plans = named("P", A="db", B="port", C="db"), named("Q", X="db")
    for strategy in Strategy:
        found = table_of(plans, {"P": strategy, "Q": strategy})
        assert found.excludes(("P", "A"), ("Q", "X"))
        assert found.excludes(("Q", "X"), ("P", "C"))
        assert not found.excludes(("P", "B"), ("Q", "X"))
        assert not found.excludes(("P", "A"), ("P", "C"))  # that is kept apart elsewhere
        assert not found.mentions(("P", "A"), ("Q", "X"))


def test_a_group_of_the_same_name_is_another_one_in_another_prd() -> None:
    plans = named("P", "one", A="group one"), named("Q", "one", X="group one")
    found = table_of(plans, {"P": Strategy.FILE, "Q": Strategy.FILE})
    assert not found.excludes(("P", "A"), ("Q", "X"))


def test_who_is_kept_back_and_by_whom_is_known_until_it_begins() -> None:
    tree = two_prds(Strategy.FILE)
    wants(tree, "P", "A#1")
    tree.says("P", at_work("A"))
    wants(tree, "Q", "X#1")
    assert kept_back(tree.root.meetings, tree.root.leases) == {("Q", "X"): ("P", "A")}
    tree.says("P", LeaseReturned(lease="A#1"))
    tree.says("P", StoryAtRest(story_id="A"))
    assert kept_back(tree.root.meetings, tree.root.leases) == {}
