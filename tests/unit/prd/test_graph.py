from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.graph.edges import Fault, Names, faults, resolved
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


def ways(found: tuple[Fault, ...]) -> list[str]:
    return [fault.message.removeprefix("the stories wait for each other: ") for fault in found]


def test_a_cycle_starts_at_the_story_that_stands_first_and_says_which_edge_to_remove() -> None:
    found = faults(stories(a="", b="c", c="d", d="b a"))
    assert ways(found) == ["b -> c -> d -> b; remove 'b' from dependsOn of d"]
    assert [(fault.story, fault.dependency) for fault in found] == [(3, "b")]


def test_the_edge_to_remove_is_the_one_against_the_order_of_the_stories() -> None:
    found = faults(stories(a="c", b="a", c="b"))
    assert ways(found) == ["a -> c -> b -> a; remove 'c' from dependsOn of a"]
    found = faults(stories(a="", b="c", c="b"))
    assert ways(found) == ["b -> c -> b; remove 'c' from dependsOn of b"]


def test_an_edge_that_several_cycles_share_is_told_once_for_all() -> None:
    found = faults(stories(a="x", b="x", x="y", y="a b"))
    assert len(found) == 1
    assert found[0].message.endswith("; remove 'y' from dependsOn of x")


def test_two_cycles_that_share_only_a_story_are_both_found() -> None:
    found = faults(stories(a="b", b="a c", c="b"))
    assert sorted(way.split(";")[0] for way in ways(found)) == ["a -> b -> a", "b -> c -> b"]


def test_an_order_without_success_can_close_a_cycle_and_is_never_the_edge_to_remove() -> None:
    first, second = stories(a="b", b="")
    found = faults([first, replace(second, after=("a",))])
    assert ways(found) == ["a -> b -> a; remove 'b' from dependsOn of a"]


def test_ten_thousand_stories_in_cycles_are_told_of_in_short_messages() -> None:
    ring = {f"s{at}": f"s{(at + 1) % 10_000} s{at * 7 % 9_999 + 1}" for at in range(10_000)}
    found = faults(stories(**ring))
    assert len(ways(found)) >= 20
    assert max(len(fault.message) for fault in found) < 2_000


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
    without = {(fault.story, fault.dependency) for fault in found}
    mended = [
        {n for n in need if n != at and (at, f"s{n}") not in without}
        for at, need in enumerate(needs)
    ]
    assert len(found) >= 20 or list(TopologicalSorter(dict(enumerate(mended))).static_order())
