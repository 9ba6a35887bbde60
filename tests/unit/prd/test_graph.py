from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.graph.edges import Names, faults, resolved
from prd_supervise.supervisor.prd.model import PlannedStory


def stories(**needs: str) -> list[PlannedStory]:
    return [
        PlannedStory(story_id=name, title=name, depends_on=tuple(need.split()))
        for name, need in needs.items()
    ]


def test_a_dependency_is_matched_exactly_first() -> None:
    names = Names(["us-1", "US-1", "US-2"])
    assert names.find("US-1") == "US-1"
    assert names.find("us-2") == "US-2"


def test_an_ambiguous_dependency_is_unknown() -> None:
    assert Names(["us-1", "US-1"]).find("Us-1") is None


def test_a_chain_has_no_fault() -> None:
    assert faults(stories(a="", b="a", c="a b")) == ()


def test_a_cycle_starts_at_the_story_that_stands_first() -> None:
    found = faults(stories(a="", b="c", c="d", d="b a"))
    assert [fault.message.split(": ")[1].split(";")[0] for fault in found] == ["b -> c -> d -> b"]
    assert [(fault.story, fault.dependency) for fault in found] == [(1, "c")]


def test_two_cycles_that_share_a_story_are_both_found() -> None:
    found = faults(stories(a="b", b="a c", c="b"))
    assert sorted(fault.message.split(": ")[1].split(";")[0] for fault in found) == [
        "a -> b -> a",
        "b -> c -> b",
    ]


def test_a_graph_of_nothing_but_cycles_gives_a_bounded_list() -> None:
    names = [f"s{number}" for number in range(30)]
    everything = stories(**{name: " ".join(n for n in names if n != name) for name in names})
    assert 0 < len(faults(everything)) <= 20


def test_a_story_that_waits_for_itself_is_no_cycle() -> None:
    assert [fault.message for fault in faults(stories(a="a"))] == [
        "story 'a' depends on itself; remove that"
    ]


def test_resolved_dependencies_bear_the_ids_of_stories() -> None:
    assert [s.depends_on for s in resolved(stories(Ab="", c="AB ab gone"))] == [(), ("Ab",)]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), max_size=4), min_size=8, max_size=8))
def test_a_cycle_is_told_exactly_when_there_is_one(needs: list[list[int]]) -> None:
    found = faults(
        stories(**{f"s{at}": " ".join(f"s{n}" for n in need) for at, need in enumerate(needs)})
    )
    waiting = {at: {n for n in need if n != at} for at, need in enumerate(needs)}
    while free := [at for at, need in waiting.items() if not need & waiting.keys()]:
        for at in free:
            del waiting[at]
    assert any("each other" in fault.message for fault in found) == bool(waiting)
