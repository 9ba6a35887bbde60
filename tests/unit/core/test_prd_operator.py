"""The operator's hand on a running PRD: hold, release, retry."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import (
    AttemptBegun,
    PrdHeld,
    PrdReleased,
    StoryHeld,
    StoryReleased,
)
from prd_supervise.supervisor.core.prd.state import PrdPhase, Stage, worker_of
from prd_supervise.supervisor.core.prd.view import note_of, state_of
from prd_supervise.supervisor.core.prd.words import StartAgent
from prd_supervise.workers.messages.prd import Happened, Hold, Limits, Release, Retry
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

FAILS_ONCE = Script(agents={("A", 1): OutcomeKind.FAILED})


def told(world: World, event: str) -> list[str]:
    words = world.around.words
    return [each.story_id for each in words if isinstance(each, Happened) and each.event == event]


def is_waiting(world: World) -> bool:
    """Nobody has anything to say, and no alarm but a start's could change that."""
    return not world.around.pending and all(each.run is None for each in world.prd.stories)


def test_a_held_story_is_not_begun_and_the_prd_waits_for_it() -> None:
    world = prd_world(a_story("A"), a_story("B")).order(Hold(story_id="A"))
    world = world.until_that(lambda w: w.memory("B").state is StoryState.DONE and is_waiting(w))
    assert state_of(world.story("A")) == "held"
    assert world.prd.phase is PrdPhase.RUNNING
    assert note_of(world.prd) == "only what is held is left: A"
    released = world.order(Release(story_id="A")).run()
    assert released.memory("A").state is StoryState.DONE
    assert (released.count(StoryHeld), released.count(StoryReleased)) == (1, 1)


def test_a_held_prd_begins_nothing_and_what_runs_goes_on_to_its_decision() -> None:
    world = prd_world(a_story("A"), a_story("B", "A")).until("A", Stage.AGENT)
    world = world.order(Hold()).until_that(is_waiting)
    assert world.memory("A").state is StoryState.DONE
    assert world.count(AttemptBegun) == 1
    assert note_of(world.prd).startswith("held")
    released = world.order(Release()).run()
    assert released.memory("B").state is StoryState.DONE
    assert (released.count(PrdHeld), released.count(PrdReleased)) == (1, 1)


def test_a_hold_gives_the_lease_back_that_nobody_has_got_yet() -> None:
    world = prd_world(a_story("A"), grants=False).settle()
    assert world.is_in("A", Stage.LEASE)
    world = world.order(Hold(story_id="A"))
    assert (world.story("A").run, world.around.leases) == (None, frozenset())


@pytest.mark.parametrize("hold", [Hold(), Hold(story_id="A")], ids=["prd", "story"])
def test_a_held_worker_that_waits_for_its_restart_does_not_come_back(hold: Hold) -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).kill_worker("A")
    assert world.is_in("A", Stage.RESTART)
    world = world.order(hold)
    assert world.story("A").run is None
    assert world.prd.workers.child(worker_of("A")) is None
    again = world.order(Release(story_id=hold.story_id))
    assert again.is_in("A", Stage.LEASE)  # at once: a release ends the backoff
    assert again.run().memory("A").state is StoryState.DONE


@pytest.mark.parametrize("stage", [Stage.AGENT, Stage.COMMIT, Stage.VERIFY, Stage.PUBLISH])
def test_a_held_worker_that_dies_stays_down(stage: Stage) -> None:
    world = prd_world(a_story("A")).until("A", stage).order(Hold(story_id="A"))
    world = world.kill_worker("A").until_that(is_waiting)
    assert world.process(worker_of("A")) is None
    done = world.memory("A").state is StoryState.DONE
    assert done == (stage is Stage.PUBLISH)  # that one was left to git
    again = world if done else world.order(Release(story_id="A"))
    assert again.run().memory("A").state is StoryState.DONE


def test_two_holds_are_released_one_by_one() -> None:
    world = prd_world(a_story("A"), grants=False).order(Hold()).order(Hold(story_id="A")).settle()
    assert world.order(Release()).settle().story("A").run is None
    assert world.order(Release()).order(Release(story_id="A")).settle().story("A").run is not None


def test_a_hold_outlives_a_crash_because_root_tells_of_it_again() -> None:
    world = prd_world(a_story("A"), a_story("B")).order(Hold(story_id="A"))
    again = world.resume(after_crash=True, held=("A",)).settle()
    assert again.count(StoryHeld) == 1  # what is known already is not written again
    assert again.story("A").run is None
    meanwhile_released = world.resume(after_crash=True, held=())
    assert meanwhile_released.until("A", Stage.AGENT).count(StoryReleased) == 1


def test_a_stop_works_while_everything_is_held() -> None:
    world = prd_world(a_story("A")).order(Hold()).settle().stop().run()
    assert world.outcome is not None
    assert world.outcome.state == "stopped"


def test_a_retry_gives_a_story_and_what_was_skipped_for_it_a_new_start_at_once() -> None:
    stories = (a_story("A"), a_story("B", "A"), a_story("C", "B"), a_story("D"), a_story("E", "D"))
    script = Script(agents={("A", 1): OutcomeKind.FAILED, ("D", 1): OutcomeKind.FAILED})
    world = prd_world(*stories, script=script, limits=Limits(max_attempts=1, max_workers=0))
    world = world.order(Hold()).order(Release())
    world = world.until_that(
        lambda w: all(w.memory(name).state is StoryState.FAILED for name in "AD")
    )
    world = world.order(Retry(story_id="A"))
    states = [world.memory(name).state for name in "ABCDE"]
    assert states == [StoryState.PENDING] * 3 + [StoryState.FAILED, StoryState.SKIPPED]
    assert told(world, "retried") == ["A", "B", "C"]
    world = world.run()
    assert [world.memory(name).state.value for name in "ABC"] == ["done"] * 3


def test_a_retry_of_all_is_confirmed_as_such() -> None:
    limits = Limits(max_attempts=1)
    world = prd_world(a_story("A"), a_story("H"), script=FAILS_ONCE, limits=limits)
    world = world.order(Hold(story_id="H"))  # so that the PRD waits
    world = world.until_that(lambda w: w.memory("A").state is StoryState.FAILED and is_waiting(w))
    world = world.order(Retry(story_id=""))
    assert told(world, "retried") == ["A", ""]
    assert world.order(Release(story_id="H")).run().memory("A").state is StoryState.DONE


def test_a_retry_wakes_a_story_that_backs_off() -> None:
    limits = Limits(backoff_base_s=1000.0, backoff_cap_s=1000.0)
    world = prd_world(a_story("A"), script=FAILS_ONCE, limits=limits)
    world = world.until_that(lambda w: w.memory("A").failures == 1 and is_waiting(w))
    began_s = world.now_s
    world = world.order(Retry(story_id="A")).until("A", Stage.AGENT)
    assert world.now_s == began_s
    assert world.memory("A").failures == 1  # it was not given a new start, only woken


@pytest.mark.parametrize("dies", [False, True], ids=["served", "and the integrator dies"])
def test_a_retry_turns_a_prd_back_that_is_being_tidied_away(*, dies: bool) -> None:
    world = prd_world(a_story("A"), script=FAILS_ONCE, limits=Limits(max_attempts=1))
    world = world.until_that(lambda w: w.prd.phase is PrdPhase.CLOSING)
    world = world.order(Retry(story_id="A"))
    world = (world.kill_git() if dies else world).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"
    assert world.count(StartAgent) == 2


def test_a_retry_that_comes_too_late_is_left_to_root() -> None:
    world = prd_world(a_story("A"), script=FAILS_ONCE, limits=Limits(max_attempts=1))
    world = world.until_that(lambda w: w.prd.phase is PrdPhase.ENDING)
    world = world.order(Retry(story_id="A"))
    assert told(world, "retried") == []
    again = world.run().resume(retry_stories=("A",)).run()
    assert again.memory("A").state is StoryState.DONE
