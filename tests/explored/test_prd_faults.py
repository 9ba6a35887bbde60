"""One story, and everything that may strike between any two steps of its way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.records import Terms
from prd_supervise.supervisor.core.prd.state import Story
from prd_supervise.workers.messages.agents import ReviewRules
from prd_supervise.workers.messages.prd import Limits, Retry, Standing
from prd_supervise.workers.messages.rules import MergeRules, OnFailure
from tests.support.prd_exploration import (
    assert_that_all_end,
    explore,
    faults,
    interventions,
    released,
    resumed,
)
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

pytestmark = pytest.mark.timeout(900)  # it only computes: a slow machine makes it late, not wrong

REVIEWS = {
    "it is accepted": Script(),
    "it is refused once": Script(reviews={("A", 1): "REFUSE"}),
    "nobody understands it": Script(reviews={("A", 1): "fine", ("A", 2): "fine"}),
    "its program is missing": Script(reviews={("A", 1): OutcomeKind.MISSING}),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", REVIEWS.values(), ids=REVIEWS)
@pytest.mark.parametrize("is_required", [False, True])
def test_a_story_that_is_reviewed_ends_whatever_strikes_once(
    script: Script, *, is_required: bool
) -> None:
    limits = Limits(max_attempts=2, intensity=3)
    review = ReviewRules(agent="codex", is_required=is_required)
    found = explore(prd_world(a_story("A"), limits=limits, script=script, review=review), strikes=1)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


SCRIPTS = {
    "a good agent": Script(),
    "a red story": Script(reds=frozenset({("A", 1, "story")})),
    "a red merge": Script(reds=frozenset({("A", 1, "merged")})),
    "a failing agent": Script(agents={("A", 1): OutcomeKind.CRASHED}),
    "a limit": Script(agents={("A", 1): OutcomeKind.RATE_LIMITED}),
    "an overload": Script(agents={("A", 1): OutcomeKind.TRANSIENT}),
    "too much context": Script(agents={("A", n): OutcomeKind.CONTEXT for n in (1, 2)}),
    "a conflict": Script(conflicts=frozenset({("A", 1)})),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_story_ends_whatever_strikes_once(script: Script) -> None:
    limits = Limits(max_attempts=2, intensity=3)
    found = explore(prd_world(a_story("A"), limits=limits, script=script), strikes=1)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
def test_a_story_ends_whatever_strikes_twice_and_a_resume_finishes_what_is_left() -> None:
    limits = Limits(max_attempts=2, intensity=2)
    found = explore(prd_world(a_story("A"), limits=limits), strikes=2)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
    for begun in resumed(found):
        again = begun.run()
        assert again.outcome is not None
        assert again.outcome.state == "completed"
        assert len(again.around.repository.merged) == 1


@pytest.mark.slow
def test_two_stories_end_whatever_strikes_once() -> None:
    limits = Limits(max_attempts=2, intensity=3, max_workers=0)
    first = prd_world(a_story("A"), a_story("B", verify=()), limits=limits)
    found = explore(first, strikes=1)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


def _all(world: World) -> Iterator[World]:
    yield from faults(world)
    yield from interventions(world)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all"])
def test_a_story_ends_whatever_the_operator_and_one_fault_do_to_it(strategy: str) -> None:
    limits = Limits(max_attempts=2, max_memory_kills=2, intensity=2, strategy=strategy)
    found = explore(prd_world(a_story("A"), limits=limits), strikes=2, strike=_all)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


def _others(world: World) -> Iterator[World]:
    """What becomes of a story elsewhere: done, not yet or no longer, never."""
    for standing in Standing:
        yield world.elsewhere(NEED, standing, "it is not run")


NEED = "OTHER/X"


@pytest.mark.slow
def test_a_story_ends_whatever_becomes_of_what_it_needs_and_whatever_strikes_once() -> None:
    def strike(world: World) -> Iterator[World]:
        yield from faults(world)
        yield from _others(world)

    limits = Limits(max_attempts=2, intensity=2)
    first = prd_world(a_story("A", needs=(NEED,), verify=()), limits=limits)
    found = explore(first, strikes=2, strike=strike)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    [a_story("B", verify=(), after=("A",)), a_story("B", verify=(), mutex=("db",))],
    ids=["after", "mutex"],
)
def test_stories_that_exclude_each_other_end_whatever_strikes_once(other: Story) -> None:
    limits = Limits(max_attempts=2, intensity=3, max_workers=0)
    first = prd_world(a_story("A", verify=(), mutex=("db",)), other, limits=limits)
    found = explore(first, strikes=1, strike=_all)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
def test_a_group_ends_whatever_strikes_once(strategy: str) -> None:
    limits = Limits(max_attempts=2, intensity=3, max_workers=0, strategy=strategy)
    first = prd_world(a_story("A", verify=()), a_story("B", verify=()), limits=limits)
    found = explore(first, strikes=1, strike=_all)
    assert_that_all_end(found, {released(each) for each in found if each.around.exit_code is None})
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved


# --- a plan that changes at any moment ----------------------------------------------------------


def _replans(world: World) -> Iterator[World]:
    """What the PRD's document may say next: A as it was, changed, done, or gone; and any fault."""
    old = a_story("A")
    yield world.replan(old)
    yield world.replan(replace(old, terms=Terms(judged="new", told="new")))
    yield world.replan(replace(old, done_in_document=True))
    yield world.replan(a_story("B"))
    yield from faults(world)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # 90,456 states: minutes, on a machine with other work
def test_a_prd_ends_however_its_plan_changes_on_the_way_and_a_resume_finishes_it() -> None:
    limits = Limits(max_attempts=2, intensity=2)
    first = replace(a_story("A"), terms=Terms(judged="old", told="old"))
    found = explore(prd_world(first, limits=limits), strikes=2, strike=_replans)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
    for begun in resumed(found):
        again = begun.run()
        assert again.outcome is not None
        assert again.outcome.state == "completed"


# --- what becomes of the branch at the end ------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("verify", [(), ("make test",)], ids=["unverified", "verified"])
def test_a_landing_ends_whatever_strikes_once_and_a_resume_lands(verify: tuple[str, ...]) -> None:
    rules = MergeRules(auto=True, into="main", push=True)
    limits = Limits(max_attempts=2, intensity=2)
    found = explore(prd_world(a_story("A", verify=verify), limits=limits, merging=rules), strikes=1)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
    for begun in resumed(found):
        again = begun.run()
        assert again.outcome is not None
        assert again.outcome.state == "completed"
        assert again.around.repository.tip in again.around.repository.into


@pytest.mark.slow
def test_a_rollback_ends_whatever_strikes_twice_and_a_retry_begins_again() -> None:
    rules = MergeRules(on_failure=OnFailure.ROLLBACK)
    limits = Limits(max_attempts=1, intensity=2)
    script = Script(reds=frozenset({("A", 1, "story")}))
    first = prd_world(a_story("A"), limits=limits, script=script, merging=rules)

    def strike(world: World) -> Iterator[World]:
        yield from faults(world)
        yield world.order(Retry(story_id="A"))

    found = explore(first, strikes=2, strike=strike)
    assert_that_all_end(found)
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
    for begun in resumed(found):
        again = begun.run()
        if again.outcome is None or again.outcome.state == "failed":
            again = again.resume(retry=True).run()  # the first one met the red attempt
        assert again.outcome is not None
        assert again.outcome.state == "completed"
        assert len(again.around.repository.merged) == 1
