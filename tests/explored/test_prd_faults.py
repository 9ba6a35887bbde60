"""One story, and everything that may strike between any two steps of its way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prd_supervise.policies.outcome import OutcomeKind
from prd_supervise.supervisor.core.prd_state import GIT
from prd_supervise.workers.messages.git import GitRequest, Publish
from prd_supervise.workers.messages.prd import Limits
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

STEPS_MAX = 400
STATES_MAX = 200_000


def _turns(world: World) -> Iterator[World]:
    """Every order in which those who have something to say may say it, each in its own order."""
    senders = [who for who, _ in world.around.pending]
    for index, who in enumerate(senders):
        if who not in senders[:index]:
            yield world.deliver(index)
    if not senders:
        assert world.around.timers, f"nobody will ever say anything again: {world.prd}"
        yield world.wait()


def _faults(world: World) -> Iterator[World]:
    for process in world.around.processes:
        yield world.kill(process.child_id)
    asked = next((item for who, item in world.around.pending if who == GIT), None)
    if isinstance(asked, GitRequest):
        yield world.kill(GIT, after_serving=True)
        if not _is_done_already(world, asked):
            yield world.refuse(type(asked).__name__)
    yield world.stop(60.0)
    yield world.stop(5.0)
    yield world.move_branch()


def _is_done_already(world: World, asked: GitRequest) -> bool:
    """Say whether this merge is in the branch: asked again, the integrator has nothing to do."""
    return (
        isinstance(asked, Publish)
        and (asked.story_id, asked.commit) in world.around.repository.merged
    )


def _explore(first: World, faults: int) -> set[World]:
    """Every world that can be reached with so many faults, each with the most of them left."""
    left: dict[World, int] = {first: faults}
    todo = [first]
    while todo:
        world = todo.pop()
        if world.around.exit_code is not None:
            continue
        rest = left[world]
        nexts = [(after, rest) for after in _turns(world)]
        if rest:
            nexts += [(after, rest - 1) for after in _faults(world)]
        for after, more in nexts:
            if left.get(after, -1) < more:
                left[after] = more
                todo.append(after)
        assert len(left) < STATES_MAX, "the world does not end"
    return set(left)


def _assert_that_all_end(worlds: set[World]) -> None:
    """Once nothing more goes wrong, every way leads to the end."""
    ending: set[World] = set()
    for world in worlds:
        way: list[World] = []
        here = world
        while here.around.exit_code is None and here not in ending:
            way.append(here)
            assert len(way) < STEPS_MAX, f"this never ends: {way[0].prd}"
            here = here.go_on()
        ending.update(way)


SCRIPTS = {
    "a good agent": Script(),
    "a red story": Script(reds=frozenset({("A", 1, "story")})),
    "a red merge": Script(reds=frozenset({("A", 1, "merged")})),
    "a failing agent": Script(agents={("A", 1): OutcomeKind.CRASHED}),
    "a conflict": Script(conflicts=frozenset({("A", 1)})),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_story_ends_whatever_strikes_once(script: Script) -> None:
    limits = Limits(max_attempts=2, intensity=3)
    found = _explore(prd_world(a_story("A"), limits=limits, script=script), faults=1)
    _assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
def test_a_story_ends_whatever_strikes_twice() -> None:
    limits = Limits(max_attempts=2, intensity=2)
    found = _explore(prd_world(a_story("A"), limits=limits), faults=2)
    _assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
def test_a_resume_finishes_what_any_two_faults_have_left() -> None:
    limits = Limits(max_attempts=2, intensity=2)
    found = _explore(prd_world(a_story("A"), limits=limits), faults=2)
    for world in found:
        if world.around.exit_code is not None:
            again = world.resume(retry=True, after_crash=world.around.exit_code != 0).run()
            assert again.outcome is not None
            assert again.outcome.state == "completed"
            assert len(again.around.repository.merged) == 1


@pytest.mark.slow
def test_two_stories_end_whatever_strikes_once() -> None:
    limits = Limits(max_attempts=2, intensity=3, max_workers=0)
    first = prd_world(a_story("A"), a_story("B", verify=()), limits=limits)
    found = _explore(first, faults=1)
    _assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
