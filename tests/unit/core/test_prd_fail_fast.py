"""A PRD that is to end at its first failure."""

from __future__ import annotations

from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.workers.messages.prd import Limits, Retry
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

FAST = Limits(max_attempts=1, max_workers=2, fail_fast=True)
RED = Script(reds=frozenset({("A", 1, "story")}))


def a_world(limits: Limits = FAST) -> World:
    stories = (a_story("A", rank=1), a_story("B", rank=2), a_story("C", rank=3))
    return prd_world(*stories, limits=limits, script=RED)


def states(world: World) -> list[str]:
    return [world.memory(name).state.value for name in ("A", "B", "C")]


def test_what_is_at_work_goes_on_and_nothing_more_begins() -> None:
    world = a_world().run()
    assert states(world) == ["failed", "done", "skipped"]
    assert world.memory("C").reason == "not begun: A failed, and the PRD is to fail fast"
    assert world.memory("C").attempt == 0
    assert world.outcome is not None
    assert world.outcome.state == "failed"


def test_without_the_word_the_others_go_on() -> None:
    world = a_world(Limits(max_attempts=1, max_workers=1)).run()
    assert states(world) == ["failed", "done", "done"]


def test_a_story_that_would_be_tried_again_is_not() -> None:
    script = Script(
        reds=frozenset({("A", 1, "story"), ("A", 2, "story"), ("B", 1, "story")}),
    )
    limits = Limits(max_attempts=2, max_workers=2, fail_fast=True)
    world = prd_world(a_story("A"), a_story("B"), limits=limits, script=script).run()
    lost = {name: world.memory(name).state for name in ("A", "B")}
    assert lost["A"] is StoryState.FAILED
    assert lost["B"] in {StoryState.SKIPPED, StoryState.DONE}


def test_a_retry_takes_the_skips_back() -> None:
    world = a_world().until("B", Stage.VERIFY)
    world = world.until_that(lambda each: each.memory("C").state is StoryState.SKIPPED)
    world = world.order(Retry(story_id="A")).run()
    assert states(world) == ["done", "done", "done"]


def test_a_resume_skips_again_without_a_word_and_a_retry_goes_on() -> None:
    world = a_world().run()
    again = world.resume().run()
    assert states(again) == ["failed", "done", "skipped"]
    assert again.memory("C") == world.memory("C")
    assert states(world.resume(retry=True).run()) == ["done", "done", "done"]
