"""A fresh agent's look at a story's work: it refuses, accepts, or cannot be understood."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.outcomes.review import Verdict
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.agents.review_records import ReviewBegan, ReviewOver
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AttemptLost
from prd_supervise.supervisor.core.prd.state import GIT, Stage, worker_of
from prd_supervise.supervisor.core.prd.words import AskGit, FinishWorker, StartAgent, StartReview
from prd_supervise.workers.messages.agents import ReviewRules
from prd_supervise.workers.messages.gate import AgentRefused, AgentsClosed, Closed
from prd_supervise.workers.messages.git import GitRequest
from prd_supervise.workers.messages.prd import EndAttempt, LeaseWanted, Limits
from prd_supervise.workers.messages.review import ShowWork
from tests.support.prd_nature import Said, Script
from tests.support.prd_world import World, a_story, prd_world

RULES = ReviewRules(agent="codex", model="small")
REQUIRED = replace(RULES, is_required=True)


def reviewed(*said: Said, rules: ReviewRules = RULES, max_attempts: int = 3) -> World:
    """A PRD of one story whose attempts are reviewed so."""
    reviews = {("A", number): each for number, each in enumerate(said, start=1)}
    script = Script(reviews=reviews)
    limits = Limits(max_attempts=max_attempts)
    return prd_world(a_story("A"), script=script, review=rules, limits=limits)


def commands(world: World, kind: type) -> list[object]:
    """All commands of this kind."""
    return [each for each in world.commands if isinstance(each, kind)]


def words(world: World, kind: type) -> list[object]:
    """All that root was told of this kind."""
    return [each for each in world.around.words if isinstance(each, kind)]


def at_review(world: World) -> World:
    """Until its reviewer is at work."""

    def is_at_it(here: World) -> bool:
        run = here.story("A").run
        return run is not None and run.reviewing.is_at_work

    return world.until_that(is_at_it)


def test_without_a_reviewer_nothing_is_asked() -> None:
    world = prd_world(a_story("A")).run()
    assert not commands(world, StartReview)
    assert "review" not in world.memory("A").evidence


def test_what_is_accepted_is_merged_and_the_evidence_says_by_whom() -> None:
    world = reviewed("ACCEPT").run()
    memory = world.memory("A")
    assert memory.state is StoryState.DONE
    assert memory.evidence.endswith("; accepted by the review of codex")
    assert memory.review.verdict is Verdict.ACCEPTED
    (finished,) = commands(world, FinishWorker)
    assert isinstance(finished, FinishWorker)
    assert finished.result.review is not None
    assert finished.result.review.verdict is Verdict.ACCEPTED


def test_what_is_refused_goes_again_with_the_reasons_as_its_context() -> None:
    world = reviewed("REFUSE", "ACCEPT").run()
    (lost,) = [each for each in world.around.records if isinstance(each, AttemptLost)]
    assert (lost.type, lost.counts, lost.context) == ("review_refused", True, "because")
    assert lost.reason == "refused by the review of codex: because"
    second = commands(world, StartAgent)[1]
    assert isinstance(second, StartAgent)
    assert second.context == "because"
    assert world.memory("A").state is StoryState.DONE


def test_refusals_without_end_give_the_story_up() -> None:
    world = reviewed(*["REFUSE"] * 9, max_attempts=3).run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.count(ReviewBegan) == 3


@pytest.mark.parametrize(
    "said", ["I like it", OutcomeKind.CRASHED, OutcomeKind.STALLED, OutcomeKind.CONTEXT]
)
def test_who_cannot_be_understood_is_tried_once_more_and_then_the_story_goes_on(said: Said) -> None:
    world = reviewed(said).run()
    assert world.count(ReviewBegan) == 2
    memory = world.memory("A")
    assert memory.state is StoryState.DONE
    assert "; not reviewed: " in memory.evidence
    assert memory.failures == 0


def test_a_review_that_is_required_and_fails_loses_attempts_but_no_work() -> None:
    world = reviewed("I like it", rules=REQUIRED, max_attempts=2).run()
    memory = world.memory("A")
    assert memory.state is StoryState.FAILED
    assert memory.is_claimed
    assert "not reviewed" in memory.reason
    assert len(commands(world, StartAgent)) == 1
    assert world.count(ReviewBegan) == 4


def test_a_smaller_part_of_the_work_is_shown_where_it_was_too_much() -> None:
    world = reviewed(OutcomeKind.CONTEXT).run()
    asked = [each.request for each in world.commands if isinstance(each, AskGit)]
    first, second = [each.bytes_max for each in asked if isinstance(each, ShowWork)]
    assert second < first


@pytest.mark.parametrize(
    "kind", [OutcomeKind.RATE_LIMITED, OutcomeKind.AUTH, OutcomeKind.TRANSIENT]
)
def test_a_limit_of_the_reviewer_is_roots_and_costs_nothing(kind: OutcomeKind) -> None:
    world = reviewed(kind)
    world = world.until_that(lambda here: here.count(ReviewOver) == 1)
    refused = words(world, AgentRefused)[0]
    assert isinstance(refused, AgentRefused)
    assert (refused.agent, refused.kind) == ("codex", kind)
    world = world.with_(script=Script()).run()
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").failures == 0
    assert len(commands(world, StartAgent)) == 1


def test_its_lease_is_for_its_own_agent_and_no_storys() -> None:
    world = reviewed("ACCEPT").run()
    asked = [each for each in words(world, LeaseWanted) if isinstance(each, LeaseWanted)]
    told = [(each.lease, each.agents) for each in asked]
    assert told == [("A#1", ()), ("review/A#1", ("codex",))]


def test_while_its_agent_is_closed_the_story_has_no_worker_and_goes_on_when_it_opens() -> None:
    shut = AgentsClosed(closed=(Closed(agent="codex", why="codex, until 07:00"),))
    world = reviewed("ACCEPT").order(shut).settle()
    story = world.story("A")
    assert story.run is None
    assert story.memory.is_claimed
    assert story.shut == "codex, until 07:00"
    done = world.order(AgentsClosed()).run()
    assert done.memory("A").state is StoryState.DONE
    assert len(commands(done, StartAgent)) == 1


def test_after_a_crash_of_all_it_is_asked_again_and_what_was_decided_is_known() -> None:
    first = at_review(reviewed("ACCEPT"))
    again = first.resume(after_crash=True).run()
    assert again.memory("A").state is StoryState.DONE
    assert again.count(ReviewOver) == 1
    decided = reviewed("ACCEPT").until_that(lambda here: here.is_in("A", Stage.GATE, Stage.TRIAL))
    later = decided.resume(after_crash=True).run()
    assert later.memory("A").state is StoryState.DONE
    assert not commands(later, StartReview)[len(commands(decided, StartReview)) :]


def test_a_worker_that_dies_with_its_reviewer_is_a_try_in_vain() -> None:
    world = at_review(reviewed("ACCEPT")).kill(worker_of("A"))
    assert world.memory("A").review.tries == 1
    world = at_review(world).kill(worker_of("A"))
    assert world.memory("A").review.verdict is Verdict.NOT_REVIEWED
    assert world.run().memory("A").state is StoryState.DONE


def test_a_stop_in_the_middle_costs_no_try() -> None:
    world = at_review(reviewed("ACCEPT")).stop().run()
    assert world.memory("A").review.tries == 0
    assert world.memory("A").is_claimed
    assert world.resume().run().memory("A").state is StoryState.DONE


def test_a_ceiling_ends_the_reviewer_and_not_the_attempt() -> None:
    world = at_review(reviewed("ACCEPT"))
    kind = OutcomeKind.OUT_OF_MEMORY
    world = world.order(EndAttempt(story_id="A", attempt=1, kind=kind, detail="too big"))
    world = world.until_that(lambda here: here.count(ReviewOver) == 1)
    assert world.memory("A").review.tries == 1
    assert world.run().memory("A").failures == 0


def test_an_integrator_that_dies_is_asked_for_the_work_again() -> None:
    world = reviewed("ACCEPT")

    def is_asked(here: World) -> bool:
        told = [item for who, item in here.around.pending if who == GIT]
        return any(isinstance(each, ShowWork) for each in told if isinstance(each, GitRequest))

    assert world.until_that(is_asked).kill_git().run().memory("A").state is StoryState.DONE
