from __future__ import annotations

from prd_supervise.policies.schedule import Candidate, blocked, free_slot, ready


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


def test_the_lowest_free_slot_is_taken() -> None:
    assert [free_slot(taken) for taken in ((), (1, 2), (2, 3), (1, 3))] == [1, 3, 1, 2]
