from __future__ import annotations

from prd_supervise.policies.scheduling.schedule import Candidate, blocked, ready


def candidate(story_id: str, *needs: str, rank: float = 1.0, after_s: float = 0.0) -> Candidate:
    return Candidate(story_id=story_id, depends_on=needs, rank=rank, not_before_s=after_s)


def test_the_lowest_rank_goes_first_and_ties_go_by_the_document() -> None:
    stories = [candidate("c", rank=2), candidate("b"), candidate("a"), candidate("d", rank=0.5)]
    assert ready(stories, (), 0.0) == ("d", "b", "a", "c")


def test_a_story_waits_for_all_that_it_needs() -> None:
    stories = [candidate("c", "a", "b")]
    assert ready(stories, {"a"}, 0.0) == ()
    assert ready(stories, {"a", "b"}, 0.0) == ("c",)


def test_a_story_that_backs_off_is_ready_at_its_moment_and_not_before() -> None:
    stories = [candidate("a", after_s=10.0)]
    assert ready(stories, (), 9.999) == ()
    assert ready(stories, (), 10.0) == ("a",)


def test_a_failure_blocks_the_dependants_of_dependants_and_no_other() -> None:
    stories = [candidate("d", "c"), candidate("c", "b"), candidate("b", "a"), candidate("x")]
    assert set(blocked(stories, {"a"})) == {("b", "a"), ("c", "b"), ("d", "c")}


def test_without_a_failure_nothing_is_blocked() -> None:
    assert blocked([candidate("b", "a")], ()) == ()


def test_a_story_is_blocked_once_even_by_two_failures() -> None:
    assert blocked([candidate("c", "a", "b")], ("a", "b")) == (("c", "a"),)


def test_a_story_that_comes_after_others_waits_for_their_end_and_not_for_their_success() -> None:
    late = Candidate(story_id="b", after=("a",))
    a = candidate("a")
    assert ready([late, a], (), 0.0) == ("a",)
    assert ready([late], (), 0.0, [a]) == ()
    assert ready([late], (), 0.0) == ("b",)  # a is done, has failed, is skipped, or left the plan


def test_a_story_that_backs_off_holds_up_who_comes_after_it() -> None:
    stories = [candidate("a", after_s=10.0), Candidate(story_id="b", after=("a",))]
    assert ready(stories, (), 0.0) == ()


def test_a_story_that_is_held_holds_up_nobody_who_only_comes_after_it() -> None:
    stories = [
        Candidate(story_id="a", is_stuck=True),
        candidate("b", "a"),
        Candidate(story_id="c", after=("a", "b")),
    ]
    assert ready(stories, (), 0.0) == ("c",)


def test_a_story_that_was_overtaken_waits_until_who_comes_after_it_is_over() -> None:
    late = Candidate(story_id="b", after=("a",))
    assert ready([candidate("a")], (), 0.0, [late]) == ()
    assert ready([candidate("a"), candidate("x")], (), 0.0, [late]) == ("x",)


def test_an_order_against_the_dependencies_gives_way() -> None:
    stories = [Candidate(story_id="a", after=("b",)), candidate("b", "a")]
    assert ready(stories, (), 0.0) == ("a",)
    stories[0] = Candidate(story_id="a", after=("b",), not_before_s=10.0)
    assert ready(stories, (), 0.0) == ()


def test_stories_that_share_a_name_run_one_at_a_time_the_most_urgent_first() -> None:
    stories = [
        Candidate(story_id="a", mutex=("db",), rank=2.0),
        Candidate(story_id="b", mutex=("db", "ui"), rank=1.0),
        Candidate(story_id="c", mutex=("net",), rank=3.0),
    ]
    assert ready(stories, (), 0.0) == ("b", "c")
    assert ready(stories[:1], (), 0.0, stories[1:2]) == ()


def test_a_story_with_two_names_is_not_starved_by_stories_with_one() -> None:
    both = Candidate(story_id="both", mutex=("x", "y"), rank=1.0)
    ones = [Candidate(story_id=f"y{n}", mutex=("y",), rank=2.0) for n in range(3)]
    holder = Candidate(story_id="x", mutex=("x",))
    assert ready([both, *ones], (), 0.0, [holder]) == ()
    assert ready([both, *ones], (), 0.0) == ("both",)
