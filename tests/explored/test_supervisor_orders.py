"""Every order of what may happen to a small supervisor, to a fixed point."""

from __future__ import annotations

import os
from collections import deque

import pytest

from prd_supervise.policies.supervising.spec import (
    AutoShutdown,
    Backoff,
    ChildSpec,
    Intensity,
    Restart,
    Strategy,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.child import Phase
from prd_supervise.supervisor.core.otp.events import StartRequested
from prd_supervise.supervisor.core.otp.state import Supervisor
from tests.support.supervised import a_child
from tests.support.supervisor_points import Point, after, events
from tests.support.supervisor_promises import check_state, check_step

# What operators may ask for besides; each more makes it about ten times as many states.
MORE = int(os.environ.get("EXPLORE_MORE", "0"))
STATES_MAX = 30_000 * 20**MORE
TRANSIENT, TEMPORARY = Restart.TRANSIENT, Restart.TEMPORARY

GIT, A = a_child("git"), a_child("a")
STORY = a_child("x", TRANSIENT, dynamic=True, restarts_max=1)
OTHER = a_child("y", TRANSIENT, dynamic=True)
GROUP = (A, a_child("b", TRANSIENT), a_child("c", TEMPORARY))
MATTER = (
    replace(a_child("a", TRANSIENT), significant=True),
    replace(a_child("b", TEMPORARY), significant=True),
)


def _explore(first: Point) -> set[Point]:
    seen, todo = {first}, deque([first])
    while todo:
        point = todo.popleft()
        if point.has_ended:
            continue
        for event in events(point):
            then, commands = after(point, event)
            check_step(point, event, commands, then)
            if replace(then, asks=point.asks) == point:
                continue  # refused
            if then not in seen:
                check_state(then)
                assert len(seen) < STATES_MAX, "the world is not finite"
                seen.add(then)
                todo.append(then)
    return seen


def _supervisor(strategy: Strategy, auto: AutoShutdown = AutoShutdown.NEVER) -> Supervisor:
    return Supervisor(
        intensity=Intensity(max_restarts=1, period_s=60.0),
        strategy=strategy,
        auto_shutdown=auto,
        backoff=Backoff(base_s=0.0),
    )


def _told(seen: set[Point]) -> set[Phase]:
    print(f"{len(seen)} states")  # noqa: T201  the size of what was proved
    return {child.phase for point in seen for child in point.state.children}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "children", "asks"),
    [
        (Strategy.ONE_FOR_ONE, (GIT, STORY), 1),
        (Strategy.ONE_FOR_ONE, (STORY, OTHER), 0),
        (Strategy.ONE_FOR_ALL, (GIT, STORY), 1),
        (Strategy.ONE_FOR_ALL, GROUP, 0),
        (Strategy.REST_FOR_ONE, GROUP[:2], 1),
        (Strategy.REST_FOR_ONE, GROUP, 0),
    ],
    ids=["git+story", "stories", "group of story", "one_for_all", "rest_of_two", "rest_for_one"],
)
def test_no_order_of_events_breaks_a_promise(
    strategy: Strategy, children: tuple[ChildSpec, ...], asks: int
) -> None:
    seen = _explore(Point(state=_supervisor(strategy), wanted=children, asks=asks + MORE))
    assert any(point.state.burnt_out for point in seen)
    unseen = {Phase.FAILED, Phase.STOPPED}  # dynamic children are forgotten then
    if not asks:
        unseen.add(Phase.HELD)
    assert _told(seen) >= set(Phase) - unseen


@pytest.mark.slow
@pytest.mark.parametrize("auto", [AutoShutdown.ANY_SIGNIFICANT, AutoShutdown.ALL_SIGNIFICANT])
def test_no_order_of_events_keeps_a_supervisor_beyond_what_matters(auto: AutoShutdown) -> None:
    seen = _explore(Point(state=_supervisor(Strategy.ONE_FOR_ONE, auto), wanted=MATTER, asks=MORE))
    _told(seen)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", Strategy)
def test_no_order_of_events_leaves_a_half_started_supervisor(strategy: Strategy) -> None:
    """All first children at once: if one fails the others go, and the supervisor with them."""
    point = Point(state=_supervisor(strategy), asks=MORE)
    first, _ = after(point, StartRequested(specs=GROUP))
    seen = _explore(first)
    _told(seen)
    rolled_back = [each for each in seen if "could not be started" in each.state.reason.detail]
    assert rolled_back
    assert not any(each.state.burnt_out for each in rolled_back)
