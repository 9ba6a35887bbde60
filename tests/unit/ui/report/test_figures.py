from __future__ import annotations

import functools

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    ConflictPredicted,
    StoryDone,
    StoryReset,
    VerifyOver,
    WorkKept,
)
from prd_supervise.supervisor.ui.report.figures import (
    RESOLVED,
    Figures,
    in_all,
    prd_figures,
    story_figures,
)

Told = list[tuple[object, float]]


def attempt(story: str, number: int, at: float, *, agent_s: float = 10.0) -> Told:
    ended = Outcome(kind=OutcomeKind.NORMAL, detail="", duration_s=agent_s)
    return [
        (AttemptBegun(story_id=story, attempt=number, slot=0), at),
        (AgentBegan(story_id=story, attempt=number, pid=1, start_ticks=1), at + 1),
        (AgentOver(story_id=story, attempt=number, outcome=ended), at + 1 + agent_s),
    ]


def verify(story: str, stage: str, took_s: float, at: float) -> Told:
    record = VerifyOver(story_id=story, attempt=1, stage=stage, took_s=took_s, is_green=True)
    return [(record, at)]


def done(story: str, at: float) -> Told:
    return [(StoryDone(story_id=story, attempt=1, commit="c", evidence=""), at)]


def only(told: Told, spans: tuple[tuple[float, float], ...], *, is_live: bool = False) -> Figures:
    (found,) = story_figures(told, spans, is_live=is_live).values()
    return found


def test_a_story_s_time_is_its_agent_s_its_verify_commands_and_waiting() -> None:
    told = [
        *attempt("A", 1, 100.0),
        *verify("A", "setup", 1.0, 100.5),
        *verify("A", "base", 3.0, 104.0),
        *verify("A", "story", 2.0, 113.0),
        *verify("A", "merged", 4.0, 120.0),
        *done("A", 130.0),
    ]
    found = only(told, ((90.0, 140.0),))
    assert (found.wall_s, found.agent_s, found.verify_s) == (30.0, 10.0, 9.0)
    assert found.setup_s == 1.0
    assert found.waiting_s == 30.0 - 10.0 - 6.0 - 1.0  # the base was checked beside the agent
    assert found.sequential_s == 16.0
    assert (found.attempts, found.lost, found.reruns) == (1, 0, 0)


def test_what_a_worktree_needed_before_verify_commands_is_no_waiting_either() -> None:
    run = functools.partial(VerifyOver, attempt=1, took_s=2.0, is_green=True, setup_s=4.0)
    told: Told = [
        *attempt("A", 1, 0.0),
        *attempt("B", 1, 0.0),
        (run(story_id="A", stage="story"), 20.0),
        (run(story_id="A", stage="base"), 20.0),  # beside the agent
        (run(story_id="A", stage="merged", stories=("A", "B")), 30.0),
        *done("A", 30.0),
        *done("B", 30.0),
    ]
    spans = ((0.0, 30.0),)
    found = story_figures(told, spans, is_live=False)
    assert (found["A"].setup_s, found["B"].setup_s) == (6.0, 2.0)
    assert found["A"].waiting_s == 30.0 - 10.0 - 3.0 - 6.0
    landing: Told = [(run(story_id="", stage="landing"), 31.0)]
    assert prd_figures(found, landing, spans).setup_s == 12.0


_lost = functools.partial(AttemptLost, story_id="A", attempt=1, reason="what others merged")
CONFLICT = _lost(conflict=True, is_fresh=True, counts=False)
TWENTY_FIRST = _lost(conflict=True, is_fresh=True)
RED_BESIDE_OTHERS = _lost(is_fresh=True, counts=False)


@pytest.mark.parametrize("loss", [CONFLICT, TWENTY_FIRST, RED_BESIDE_OTHERS])
def test_what_others_had_a_story_do_again_is_no_time_that_was_saved(loss: AttemptLost) -> None:
    told: Told = [
        *attempt("A", 1, 0.0),
        *verify("A", "story", 5.0, 16.0),
        (loss, 17.0),
        *attempt("A", 2, 20.0, agent_s=7.0),
        *verify("A", "story", 1.0, 29.0),
        *done("A", 30.0),
    ]
    found = only(told, ((0.0, 30.0),))
    assert (found.attempts, found.lost, found.reruns) == (2, 1, 1)
    assert found.agent_s + found.verify_s == 23.0
    assert found.sequential_s == 8.0


def test_a_run_of_verify_commands_over_several_stories_is_each_one_s_in_even_parts() -> None:
    together = VerifyOver(
        story_id="A", attempt=1, stage="merged", took_s=8.0, is_green=True, stories=("A", "B")
    )
    told: Told = [*attempt("A", 1, 0.0), *attempt("B", 1, 0.0), (together, 20.0)]
    found = story_figures(told, ((0.0, 20.0),), is_live=False)
    assert [(name, each.verify_s) for name, each in found.items()] == [("A", 4.0), ("B", 4.0)]
    assert prd_figures(found, told, ((0.0, 20.0),)).verify_s == 8.0


def test_type_checks_of_a_merge_are_no_time_that_was_saved() -> None:
    extra = VerifyOver(
        story_id="A", attempt=1, stage="merged", took_s=4.0, is_green=True, is_extra=True
    )
    told = [*attempt("A", 1, 100.0), *verify("A", "story", 2.0, 113.0), (extra, 120.0)]
    found = only([*told, *done("A", 121.0)], ((0.0, 200.0),))
    assert (found.verify_s, found.sequential_s, found.waiting_s) == (6.0, 12.0, 5.0)


def test_an_attempt_that_failed_by_itself_would_have_failed_alone_too() -> None:
    told: Told = [
        *attempt("A", 1, 0.0),
        (AttemptLost(story_id="A", attempt=1, reason="red"), 12.0),
        *attempt("A", 2, 20.0),
        *done("A", 40.0),
    ]
    assert only(told, ((0.0, 40.0),)).sequential_s == 20.0


def test_time_between_two_runs_is_nobody_s() -> None:
    told: Told = [
        *attempt("A", 1, 100.0, agent_s=5.0),
        (AttemptLost(story_id="A", attempt=1, reason="the tree went down", counts=False), 110.0),
        *attempt("A", 2, 1000.0, agent_s=5.0),
        *done("A", 1010.0),
    ]
    found = only(told, ((90.0, 110.0), (995.0, 1020.0)))
    assert found.wall_s == 10.0 + 15.0
    assert found.lost == 1


def test_a_story_that_was_done_and_opened_again_has_two_periods() -> None:
    told: Told = [
        *attempt("A", 1, 0.0),
        *done("A", 15.0),
        (StoryReset(story_id="A"), 50.0),
        *attempt("A", 2, 60.0),
        *done("A", 75.0),
    ]
    assert only(told, ((0.0, 100.0),)).wall_s == 30.0


def test_an_agent_at_work_counts_until_now_and_one_that_a_crash_took_does_not() -> None:
    told = attempt("A", 1, 0.0)[:2]
    assert only(told, ((0.0, 61.0),), is_live=True).agent_s == 60.0
    assert only(told, ((0.0, 61.0),)).agent_s == 0.0


def test_conflicts_are_counted_a_pair_once() -> None:
    told: Told = [
        *attempt("A", 1, 0.0),
        (ConflictPredicted(story_id="A", other="B", places=()), 3.0),
        (ConflictPredicted(story_id="A", other="B", places=()), 5.0),
        (ConflictPredicted(story_id="A", other="C", places=()), 6.0),
        (Noted(child_id="story/A", event=RESOLVED, attempt=1, text="imports"), 13.0),
        (Noted(child_id="story/A", event=RESOLVED, attempt=1, text="imports"), 14.0),
        *done("A", 15.0),
    ]
    found = only(told, ((0.0, 15.0),))
    assert (found.predicted, found.resolved) == (2, 1)


def test_a_conflict_that_both_stories_were_told_of_is_one_for_the_prd() -> None:
    told: Told = [
        *attempt("A", 1, 0.0),
        *attempt("B", 1, 0.0),
        (ConflictPredicted(story_id="A", other="B", places=()), 3.0),
        (ConflictPredicted(story_id="B", other="A", places=()), 3.0),
    ]
    spans = ((0.0, 20.0),)
    stories = story_figures(told, spans, is_live=False)
    assert [each.predicted for each in stories.values()] == [1, 1]
    assert prd_figures(stories, told, spans).predicted == 1


def test_a_conflict_of_two_is_one_also_where_the_other_is_told_of_the_branch_then() -> None:
    told: Told = [
        *attempt("A", 1, 0.0),
        *attempt("B", 1, 0.0),
        *attempt("C", 1, 0.0),
        (ConflictPredicted(story_id="A", other="B", places=()), 3.0),
        (ConflictPredicted(story_id="B", other="", places=()), 13.0),  # A was merged first
        (ConflictPredicted(story_id="C", other="", places=()), 13.0),
    ]
    spans = ((0.0, 20.0),)
    assert prd_figures(story_figures(told, spans, is_live=False), told, spans).predicted == 2


def test_an_attempt_that_only_had_to_wait_for_git_is_not_lost() -> None:
    waits = AttemptLost(story_id="A", attempt=1, reason="git", counts=False, keeps_claim=True)
    told: Told = [
        *attempt("A", 1, 0.0),
        (WorkKept(story_id="A", attempt=1, head="h", is_claimed=True), 12.0),
        *verify("A", "story", 2.0, 14.0),
        (waits, 15.0),
        (waits, 25.0),
        *verify("A", "merged", 3.0, 40.0),
        *done("A", 41.0),
    ]
    found = only(told, ((0.0, 50.0),))
    assert (found.attempts, found.lost, found.reruns) == (1, 0, 0)
    assert (found.wall_s, found.sequential_s, found.waiting_s) == (41.0, 15.0, 26.0)


def test_a_night_that_was_counted_by_hand() -> None:
    """A and B at once; C needs A, fails by itself, conflicts with B, and is done at the third."""
    told: Told = [
        *attempt("A", 1, 0.0),  # its agent: 1 to 11
        *attempt("B", 1, 2.0, agent_s=20.0),  # 3 to 23
        *verify("A", "base", 1.0, 2.0),
        *verify("A", "story", 2.0, 13.0),
        *verify("A", "merged", 3.0, 16.0),
        *done("A", 17.0),
        *attempt("C", 1, 18.0, agent_s=5.0),  # 19 to 24
        *verify("C", "story", 1.0, 25.0),
        (AttemptLost(story_id="C", attempt=1, reason="red"), 25.0),
        *verify("B", "story", 2.0, 25.0),
        *attempt("C", 2, 26.0, agent_s=6.0),  # 27 to 33
        (ConflictPredicted(story_id="C", other="B", places=()), 28.0),
        *verify("B", "merged", 3.0, 29.0),
        *done("B", 30.0),
        (ConflictPredicted(story_id="C", other="", places=()), 31.0),
        *verify("C", "story", 1.0, 34.0),
        (AttemptLost(story_id="C", attempt=2, reason="x", is_fresh=True, counts=False), 35.0),
        *attempt("C", 3, 36.0, agent_s=4.0),  # 37 to 41
        *verify("C", "story", 1.0, 42.0),
        *verify("C", "merged", 2.0, 44.0),
        *done("C", 45.0),
    ]
    spans = ((0.0, 46.0),)
    stories = story_figures(told, spans, is_live=False)
    assert stories["A"] == Figures(
        wall_s=17.0, agent_s=10.0, verify_s=6.0, waiting_s=2.0, sequential_s=15.0, attempts=1
    )
    assert stories["B"] == Figures(
        wall_s=28.0, agent_s=20.0, verify_s=5.0, waiting_s=3.0, sequential_s=25.0, attempts=1
    )
    assert stories["C"] == Figures(
        wall_s=27.0,
        agent_s=15.0,
        verify_s=5.0,
        waiting_s=7.0,
        sequential_s=13.0,  # without the second attempt: 6 of its agent, 1 of verify commands
        attempts=3,
        lost=2,
        predicted=1,
        reruns=1,
    )
    prd = prd_figures(stories, told, spans)
    assert (prd.wall_s, prd.sequential_s, prd.saved_s) == (46.0, 53.0, 7.0)
    assert (prd.attempts, prd.lost, prd.predicted, prd.reruns) == (5, 2, 1, 1)


def test_a_prd_has_its_stories_and_what_was_verified_for_all_of_them() -> None:
    told = [
        *attempt("A", 1, 0.0),
        *done("A", 20.0),
        *attempt("B", 1, 0.0),
        *done("B", 20.0),
        *verify("", "landing", 4.0, 25.0),
    ]
    spans = ((0.0, 26.0),)
    found = prd_figures(story_figures(told, spans, is_live=False), told, spans)
    assert (found.wall_s, found.sequential_s, found.verify_s) == (26.0, 24.0, 4.0)
    assert found.saved_s == -2.0
    assert found.attempts == 2


def test_time_in_which_two_prds_were_at_work_counts_once() -> None:
    one = Figures(sequential_s=30.0, attempts=1)
    found = in_all([(one, ((0.0, 20.0),)), (one, ((10.0, 25.0),))])
    assert (found.wall_s, found.sequential_s, found.saved_s) == (25.0, 60.0, 35.0)
    assert found.attempts == 2


def test_nothing_is_nothing() -> None:
    assert story_figures([], (), is_live=True) == {}
    assert in_all([]) == Figures()
