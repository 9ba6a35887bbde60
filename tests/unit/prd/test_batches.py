from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.graph.batches import batches, critical_path
from prd_supervise.supervisor.prd.graph.rehearsal import Places, rehearse
from prd_supervise.supervisor.prd.graph.remaining import Graph, graph_of
from prd_supervise.supervisor.prd.model import Plan, PlannedStory


def plan(*stories: PlannedStory, prd_id: str = "P") -> Plan:
    return Plan(prd_id=prd_id, title="", path="/p", stories=stories)


def story(name: str, *needs: str, mutex: str = "", rank: float = 0.0) -> PlannedStory:
    return PlannedStory(
        story_id=name,
        title=name,
        depends_on=tuple(need for need in needs if "/" not in need),
        needs=tuple(need for need in needs if "/" in need),
        mutex=(mutex,) if mutex else (),
        rank=rank,
    )


def names(found: list[tuple[tuple[str, str], ...]]) -> list[str]:
    return [" ".join(story_id for _, story_id in batch) for batch in found]


def alike(graph: Graph) -> Mapping[tuple[str, str], float]:
    return dict.fromkeys(graph.stories, 1.0)


DIAMOND = graph_of(
    [plan(story("a"), story("b", "a"), story("c", "a", rank=-1), story("d", "b", "c"))]
)


def test_batches_are_what_could_start_together_the_most_urgent_first() -> None:
    assert names(batches(DIAMOND)) == ["a", "c b", "d"]


def test_a_name_that_two_stories_need_puts_them_into_different_batches() -> None:
    graph = graph_of([plan(story("a", mutex="db"), story("b", mutex="db"), story("c"))])
    assert names(batches(graph)) == ["a c", "b"]
    assert rehearse(graph, alike(graph), Places(workers={"P": 0})) == (2.0, 2)


def test_a_name_is_a_prd_s_own() -> None:
    plans = [plan(story("a", mutex="db"), prd_id=prd) for prd in ("P", "Q")]
    assert names(batches(graph_of(plans))) == ["a a"]


def test_stories_of_other_prds_count_where_these_are_asked_for() -> None:
    one, other = plan(story("a", "Q/q"), prd_id="P"), plan(story("p"), story("q", "p"), prd_id="Q")
    assert names(batches(graph_of([one, other]))) == ["p", "q", "a"]
    assert names(batches(graph_of([one]))) == ["a"]


def test_what_needs_a_skipped_story_never_gets_its_turn() -> None:
    skipped = PlannedStory(story_id="s", title="s", is_skipped=True)
    graph = graph_of([plan(skipped, story("a", "s"), story("b", "a"), story("c"))])
    assert names(batches(graph)) == ["c"]
    assert graph.blocked == {
        ("P", "a"): "needs P/s, which is not run",
        ("P", "b"): "needs P/a, which is not run",
    }


def test_stories_in_a_cycle_are_told_and_left_out() -> None:
    graph = graph_of([plan(story("a", "b"), story("b", "a"), story("c"))])
    assert names(batches(graph)) == ["c"]
    assert set(graph.blocked) == {("P", "a"), ("P", "b")}


def test_the_critical_path_is_the_longest_by_time_not_by_number() -> None:
    graph = graph_of([plan(story("a"), story("b", "a"), story("slow"), story("e", "slow"))])
    path, lasts = critical_path(graph, {**alike(graph), ("P", "slow"): 5.0})
    assert ([name for _, name in path], lasts) == (["slow", "e"], 6.0)


def test_nothing_left_is_no_path_and_no_batch() -> None:
    graph = graph_of([])
    assert (batches(graph), critical_path(graph, {})) == ([], ((), 0.0))
    assert rehearse(graph, {}, Places(workers={})) == (0.0, 0)


def test_bounds_on_places_make_a_run_longer() -> None:
    graph = graph_of([plan(*(story(f"s{at}") for at in range(6)), prd_id=prd) for prd in "PQ"])
    lasts = alike(graph)
    assert rehearse(graph, lasts, Places(workers={})) == (1.0, 12)
    assert rehearse(graph, lasts, Places(workers={"P": 2, "Q": 3})) == (3.0, 5)
    assert rehearse(graph, lasts, Places(agents=4, workers={})) == (3.0, 4)
    assert rehearse(graph, lasts, Places(prds=1, workers={"P": 2, "Q": 3})) == (5.0, 3)


def test_prds_that_wait_for_each_other_in_one_place_come_to_an_end() -> None:
    one, other = plan(story("a"), story("b", "Q/q"), prd_id="P"), plan(story("q"), prd_id="Q")
    graph = graph_of([one, other])
    assert rehearse(graph, alike(graph), Places(prds=1, workers={})) == (3.0, 1)


NEEDS = st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=10, max_size=10)


@settings(deadline=None)
@given(
    NEEDS, st.lists(st.sampled_from(["", "x", "y"]), min_size=10, max_size=10), st.integers(0, 3)
)
def test_every_story_stands_in_one_batch_after_all_that_it_needs(
    needs: list[list[int]], mutex: list[str], workers: int
) -> None:
    stories = [
        story(f"s{at}", *(f"s{need}" for need in needs[at] if need < at), mutex=mutex[at])
        for at in range(10)
    ]
    graph = graph_of([plan(*stories)])
    found = batches(graph)
    number = {key: at for at, batch in enumerate(found) for key in batch}
    assert sorted(number) == sorted(graph.stories)
    assert all(number[need] < number[key] for key in number for need in graph.waits_for[key])
    for batch in found:
        held = [name for key in batch for name in graph.stories[key].mutex]
        assert len(held) == len(set(held))
    _, length = critical_path(graph, alike(graph))
    took, most = rehearse(graph, alike(graph), Places(workers={"P": workers}))
    assert length <= took <= 10
    assert most <= (workers or 10)
    assert took * most >= 10


NAMES = st.lists(st.sets(st.sampled_from("vwxyz"), max_size=3), min_size=9, max_size=9)


@settings(deadline=None)
@given(NAMES, st.integers(0, 3))
def test_stories_of_several_names_all_get_their_turn(held: list[set[str]], workers: int) -> None:
    stories = [
        replace(story(f"s{at}"), mutex=tuple(sorted(names))) for at, names in enumerate(held)
    ]
    graph = graph_of([plan(*stories)])
    took, most = rehearse(graph, alike(graph), Places(workers={"P": workers}))
    busiest = max(sum(name in names for names in held) for name in "vwxyz")
    assert busiest <= took <= len(held)
    assert took * most >= len(held)


def test_ten_thousand_stories_with_forty_thousand_edges_all_get_their_turn() -> None:
    stories = [
        story(f"s{at}", *{f"s{at * each % at}" for each in (3, 5, 7, 11)} if at else ())
        for at in range(10_000)
    ]
    graph = graph_of([plan(*stories)])
    assert sum(map(len, batches(graph))) == len(stories)
    _, length = critical_path(graph, alike(graph))
    assert rehearse(graph, alike(graph), Places(workers={"P": 3}))[0] >= length
