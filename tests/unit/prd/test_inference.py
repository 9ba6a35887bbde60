from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.graph.inference import Rules, infer
from prd_supervise.supervisor.prd.graph.scopes import touching
from prd_supervise.supervisor.prd.model import Parallel, Plan, PlannedStory


def story(story_id: str, *files: str, rank: float = 1.0, **fields: Any) -> PlannedStory:  # noqa: ANN401  any field
    return replace(
        PlannedStory(story_id=story_id, title=story_id, files=files, rank=rank), **fields
    )


def plan(*stories: PlannedStory, prd_id: str = "P", **fields: Any) -> Plan:  # noqa: ANN401  any field
    return replace(Plan(prd_id=prd_id, title="", path="/p", stories=stories), **fields)


def after(*plans: Plan, rules: Rules | None = None) -> dict[str, tuple[str, ...]]:
    found = infer(plans, rules or Rules())
    return {each.story_id: each.after for one in found.plans for each in one.stories if each.after}


def test_the_more_urgent_of_two_stories_that_meet_goes_first() -> None:
    assert after(plan(story("a", "src/x.py", rank=2), story("b", "src/**", rank=1))) == {
        "a": ("b",)
    }


def test_equal_priorities_go_in_the_order_of_the_document() -> None:
    assert after(plan(story("a", "x"), story("b", "x"))) == {"b": ("a",)}


def test_stories_that_do_not_meet_or_name_no_files_get_no_edge() -> None:
    assert after(plan(story("a", "src/a"), story("b", "src/b"), story("c"))) == {}


def test_what_is_written_wins_over_priority() -> None:
    assert after(plan(story("a", "x", rank=1, depends_on=("b",)), story("b", "x", rank=2))) == {}


def test_a_path_over_other_stories_is_order_enough() -> None:
    stories = (
        story("a", "x", rank=1, depends_on=("m",)),
        story("m", rank=1, depends_on=("b",)),
        story("b", "x", rank=9),
    )
    assert after(plan(*stories)) == {}


def test_an_edge_that_would_close_a_cycle_over_another_prd_is_not_made() -> None:
    first = plan(story("a", "x", rank=1, needs=("Q/q",)), story("b", "x", rank=2), prd_id="P")
    second = plan(story("q", needs=("P/b",)), prd_id="Q")
    assert after(first, second) == {}
    assert infer([first], Rules(), around=[second]).plans == (first,)
    assert after(first) == {"b": ("a",)}


def test_stories_that_all_meet_become_a_chain() -> None:
    stories = [story(f"s{at}", "src/**") for at in range(5)]
    assert after(plan(*stories)) == {f"s{at}": (f"s{at - 1}",) for at in range(1, 5)}


def test_stories_that_are_done_or_skipped_get_no_edge() -> None:
    stories = (
        story("a", "x", is_done=True),
        story("b", "x"),
        story("c", "x", is_skipped=True),
        story("d", "x"),
    )
    assert after(plan(*stories)) == {"d": ("b",)}


def test_a_done_story_between_two_others_does_not_order_them() -> None:
    stories = (
        story("a", "x"),
        story("m", depends_on=("a",), is_done=True),
        story("b", "x", depends_on=("m",)),
    )
    assert after(plan(*stories)) == {"b": ("a",)}


def test_every_edge_says_which_globs_it_comes_from() -> None:
    (edge,) = infer([plan(story("a", "docs/x", "src/a.py"), story("b", "src/*.py"))], Rules()).edges
    assert (edge.story_id, edge.after, edge.globs) == ("b", "a", ("src/*.py", "src/a.py"))


@pytest.mark.parametrize(
    ("configured", "said", "is_insisted", "expected"),
    [
        ("files", None, False, {"b": ("a",)}),
        ("none", None, False, {}),
        ("files", "none", False, {}),
        ("none", "files", False, {"b": ("a",)}),
        ("none", "files", True, {}),
        ("files", "none", True, {"b": ("a",)}),
    ],
)
def test_the_command_line_goes_before_the_prd_and_that_before_the_settings(
    configured: str, said: str | None, *, is_insisted: bool, expected: dict[str, tuple[str, ...]]
) -> None:
    one = plan(story("a", "x"), story("b", "x"), parallel=Parallel(inference=said))
    assert after(one, rules=Rules(mode=configured, is_insisted=is_insisted)) == expected


LOGIN = "Add a login form with an email field, a password field and a remember me box"
EXPORT = "Write the monthly revenue report as a spreadsheet into the archive bucket"


def test_texts_that_are_nearly_the_same_become_an_edge_only_where_text_counts() -> None:
    alike = plan(
        story("a", description=LOGIN),
        story("b", description=EXPORT),
        story("c", description=LOGIN + " again"),
    )
    assert after(alike) == {}
    found = infer([alike], Rules(mode="text", threshold=0.5))
    assert [(edge.story_id, edge.after) for edge in found.edges] == [("c", "a")]
    assert (found.edges[0].similarity or 0) > 0.5
    assert infer([alike], Rules(mode="text", threshold=0.99)).edges == ()


def test_stories_that_are_alike_are_told_and_do_not_start_side_by_side() -> None:
    alike = plan(
        story("a", description=LOGIN),
        story("c", description=LOGIN + " again"),
        story("b", description=EXPORT),
        story("u", description="something else entirely", rank=0),
    )
    found = infer([alike], Rules(mode="text", threshold=1.0))
    assert [(pair.story_id, pair.other) for pair in found.alike] == [("c", "a")]
    order = sorted(found.plans[0].stories, key=lambda each: each.rank)
    assert [each.story_id for each in order] == ["u", "a", "b", "c"]


@pytest.mark.parametrize(("files_weight", "expected"), [(1.0, {"b": ("a",)}), (0.5, {}), (0.0, {})])
def test_the_weights_of_hybrid_decide_what_meeting_globs_are_worth(
    files_weight: float, expected: dict[str, tuple[str, ...]]
) -> None:
    one = plan(story("a", "x", description=LOGIN), story("b", "x", description=EXPORT))
    assert after(one, rules=Rules(mode="hybrid", files_weight=files_weight)) == expected


def test_in_hybrid_meeting_globs_and_alike_texts_add_up() -> None:
    one = plan(story("a", "x", description=LOGIN), story("b", "x", description=LOGIN + " again"))
    apart = plan(story("a", "x", description=LOGIN), story("b", "y", description=LOGIN + " again"))
    rules = Rules(mode="hybrid", threshold=0.9, files_weight=0.5)
    assert after(one, rules=rules) == {"b": ("a",)}
    assert after(apart, rules=rules) == {}


STORIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["a", "b", "c/**", "c/d", "*"]), max_size=2),
        st.integers(0, 2),
        st.lists(st.integers(0, 6), max_size=2),
        st.booleans(),
    ),
    min_size=7,
    max_size=7,
)


@settings(deadline=None, max_examples=200)
@given(STORIES, st.permutations(range(7)))
def test_colliding_stories_are_always_ordered_and_no_cycle_ever_closes(
    drawn: list[tuple[list[str], int, list[int], bool]], place: list[int]
) -> None:
    stories = [
        story(
            f"s{at}",
            *files,
            rank=float(rank),
            depends_on=tuple(f"s{need}" for need in needs if place[need] < place[at]),
            is_done=is_done,
        )
        for at, (files, rank, needs, is_done) in enumerate(drawn)
    ]
    (inferred,) = infer([plan(*stories)], Rules()).plans
    live = {each.story_id: each for each in inferred.stories if not each.is_done}
    graph = {
        name: {need for need in (*each.depends_on, *each.after) if need in live}
        for name, each in live.items()
    }
    before: dict[str, set[str]] = {}
    for name in TopologicalSorter(graph).static_order():
        before[name] = graph[name].union(*(before[need] for need in graph[name]))
    met = touching([each.files for each in stories])
    for one in range(7):
        for other in range(one):
            names = f"s{one}", f"s{other}"
            if met[one] >> other & 1 and set(names) <= live.keys():
                assert names[0] in before[names[1]] or names[1] in before[names[0]]
    for name, each in live.items():
        for need in each.after:  # none that the others imply
            assert all(need not in before[other] for other in graph[name] - {need})


def test_stories_in_a_cycle_are_left_alone() -> None:
    stories = (story("a", "x", depends_on=("b",)), story("b", "x", depends_on=("a",)))
    assert after(plan(*stories, story("c", "x"))) == {}


def test_two_thousand_stories_with_three_globs_each_are_compared() -> None:
    stories = [
        story(
            f"s{at}", f"src/m{at % 40}/f{at}.py", f"tests/t{at % 100}/**", f"src/**/*x{at % 9}.py"
        )
        for at in range(2_000)
    ]
    assert after(plan(*stories))
