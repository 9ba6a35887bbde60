"""People who say yes, no, too late or nothing at any moment, whatever else strikes meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from prd_supervise.policies.approval import Point
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.records import Terms
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.rules import MergeRules
from tests.support.prd_exploration import (
    assert_that_all_end,
    explore,
    faults,
    interventions,
    people,
    released,
    resumed,
)
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

pytestmark = pytest.mark.timeout(900)  # it only computes: a slow machine makes it late, not wrong

LIMITS = Limits(max_attempts=2, intensity=2)
POINTS = {
    "story": ((Point.STORY,), False),
    "merge": ((Point.MERGE,), False),
    "prd": ((), True),
}


def _all(world: World) -> Iterator[World]:
    yield from people(world)
    yield from faults(world)
    yield from interventions(world)


def _assert_that_a_resume_completes(found: Iterable[World]) -> None:
    """People say yes to everything from then on."""
    for begun in resumed(found):
        again = _with_yes(begun)
        assert again.outcome is not None
        if again.outcome.state == "failed":  # for a no that was said while it stopped
            again = _with_yes(again.resume(retry=True))
        assert again.outcome is not None
        assert again.outcome.state == "completed", again.outcome
        assert len(again.around.repository.merged) == 1


def _with_yes(world: World) -> World:
    for _ in range(5_000):
        if world.around.exit_code is not None:
            return world
        is_idle = not (world.around.pending or world.around.timers)
        world = released(world) if is_idle else world.go_on()
    raise AssertionError(f"this never ends: {world.prd}")


@pytest.mark.slow
@pytest.mark.parametrize(("points", "at_end"), POINTS.values(), ids=POINTS)
def test_a_night_ends_whatever_people_say_and_whatever_strikes(
    points: tuple[Point, ...], *, at_end: bool
) -> None:
    first = prd_world(a_story("A", approve=points), limits=LIMITS, asks_at_end=at_end)
    found = explore(first, strikes=2, strike=_all)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    _assert_that_a_resume_completes(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
def test_a_prd_that_asks_everywhere_and_lands_ends_whatever_strikes_once() -> None:
    first = prd_world(
        a_story("A", approve=(Point.STORY, Point.MERGE)),
        limits=LIMITS,
        asks_at_end=True,
        merging=MergeRules(auto=True, into="main"),
        script=Script(conflicts=frozenset({("A", 1)})),
    )
    found = explore(first, strikes=1, strike=_all)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    _assert_that_a_resume_completes(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
def test_plans_that_change_while_people_are_asked_end() -> None:
    old = replace(a_story("A", approve=(Point.STORY,)), terms=Terms(judged="old", told="old"))

    def strike(world: World) -> Iterator[World]:
        yield from people(world)
        yield world.replan(old)
        yield world.replan(replace(old, terms=Terms(judged="new", told="new")))
        yield world.replan(replace(old, approve=(Point.MERGE,)))
        yield world.replan(replace(old, approve=()))
        yield world.replan(replace(old, done_in_document=True))

    found = explore(prd_world(old, limits=LIMITS, asks_at_end=True), strikes=2, strike=strike)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
