"""Every order of what may happen to a small supervisor, to a fixed point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from prd_supervise.policies.shutdown import deadline_from
from prd_supervise.policies.spec import (
    ChildSpec,
    ExitClass,
    ExitReason,
    Intensity,
    Restart,
    Strategy,
)
from prd_supervise.supervisor.core import supervisor as core
from prd_supervise.supervisor.core.child import Phase
from prd_supervise.supervisor.core.commands import Command, SetAlarm, Spawn, SupervisorEnded
from prd_supervise.supervisor.core.events import (
    Alarm,
    AlarmWentOff,
    ChildExited,
    ChildReady,
    ChildStartRequested,
    ChildStopRequested,
    StopRequested,
    SupervisorEvent,
)
from prd_supervise.supervisor.core.supervisor_state import Supervisor
from tests.support.supervised import a_child

MAX_RESTARTS = 1
STATES_MAX = 60_000
HURRIED_S = 5.0
NEVER = -1  # an incarnation that no child has


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A supervisor, and what the world may tell it. Time stands still: alarms come in any order."""

    state: Supervisor
    living: frozenset[tuple[str, int]] = frozenset()
    alarms: frozenset[tuple[str, int, Alarm]] = frozenset()
    requests: tuple[ChildSpec, ...] = ()
    has_ended: bool = False


def _facts(child_id: str, incarnation: int) -> Iterator[SupervisorEvent]:
    yield ChildReady(child_id=child_id, incarnation=incarnation)
    for kind in (ExitClass.NORMAL, ExitClass.ABNORMAL):
        reason = ExitReason(exit_class=kind, detail="")
        yield ChildExited(child_id=child_id, incarnation=incarnation, reason=reason)


def _events(point: Point) -> Iterator[SupervisorEvent]:
    for child_id, incarnation in point.living:
        yield from _facts(child_id, incarnation)
    for child_id, incarnation, alarm in point.alarms:
        yield AlarmWentOff(child_id=child_id, incarnation=incarnation, alarm=alarm)
    if point.state.deadline is None:
        yield StopRequested(deadline=deadline_from(0.0, 60.0))
        for child in point.state.children:
            if child.phase not in {Phase.STOPPING, Phase.STOPPED}:
                deadline = deadline_from(0.0, 60.0)
                yield ChildStopRequested(child_id=child.child_id, deadline=deadline)
    elif point.state.deadline.grace_s > HURRIED_S:
        yield StopRequested(deadline=deadline_from(0.0, HURRIED_S))
    if point.requests and point.state.child(point.requests[0].child_id) is None:
        yield ChildStartRequested(spec=point.requests[0])


def _after(point: Point, event: SupervisorEvent) -> Point:
    state, commands = core.step(point.state, event, 0.0)
    living, alarms, requests = set(point.living), set(point.alarms), point.requests
    match event:
        case ChildExited():
            living.remove((event.child_id, event.incarnation))
        case AlarmWentOff():
            alarms.remove((event.child_id, event.incarnation, event.alarm))
        case ChildStartRequested():
            requests = requests[1:]
        case _:
            pass
    for command in commands:
        if isinstance(command, Spawn):
            assert point.state.deadline is None, "a start after a stop began"
            assert command.spec.child_id not in dict(living), "two incarnations live at once"
            living.add((command.spec.child_id, command.incarnation))
        if isinstance(command, SetAlarm) and command.alarm is Alarm.BACKOFF_OVER:
            alarms.add((command.child_id, command.incarnation, command.alarm))
    after = Point(
        state=state,
        living=frozenset(living),
        alarms=frozenset(each for each in alarms if _is_of_now(state, each)),
        requests=requests,
        has_ended=_has_ended(commands),
    )
    _check(after)
    return after


def _is_of_now(state: Supervisor, alarm: tuple[str, int, Alarm]) -> bool:
    child = state.child(alarm[0])
    return child is not None and child.incarnation == alarm[1]


def _has_ended(commands: list[Command]) -> bool:
    return any(isinstance(each, SupervisorEnded) for each in commands)


def _check(point: Point) -> None:
    state = point.state
    known = {(each.child_id, each.incarnation) for each in state.children if each.is_alive}
    assert known == point.living, "it is wrong about who lives"
    assert point.has_ended == (state.deadline is not None and not point.living)
    assert state.burnt_out or len(state.restarted_at_s) <= MAX_RESTARTS
    assert len(state.restarted_at_s) <= MAX_RESTARTS + 1
    assert not state.burnt_out or state.deadline is not None
    if state.deadline is not None:
        assert not any(each.phase is Phase.BACKOFF for each in state.children)
        asked = {each.child_id for each in state.children if each.phase is Phase.STOPPING}
        assert asked or not point.living, "it waits for an end that nobody was asked for"
    for child in state.children:
        for late in _facts(child.child_id, NEVER):
            assert core.step(state, late, 0.0) == (state, [])
        for alarm in (Alarm.START_OVERDUE, Alarm.TERMINATE_DUE, Alarm.KILL_DUE):  # signals at most
            rung = AlarmWentOff(child_id=child.child_id, incarnation=child.incarnation, alarm=alarm)
            assert core.step(state, rung, 0.0)[0] == state


def _explore(first: Point) -> set[Point]:
    seen, todo = {first}, [first]
    while todo:
        point = todo.pop()
        if point.has_ended:
            continue
        for event in _events(point):
            after = _after(point, event)
            if after not in seen:
                assert len(seen) < STATES_MAX, "the world is not finite"
                seen.add(after)
                todo.append(after)
    return seen


CHILDREN = (
    a_child("git", Restart.PERMANENT),
    a_child("x", Restart.TRANSIENT, dynamic=True, restarts_max=1),
    a_child("y", Restart.TRANSIENT, dynamic=True),
)
GROUP = (
    a_child("a", Restart.PERMANENT),
    a_child("b", Restart.TRANSIENT),
    a_child("c", Restart.TEMPORARY),
)


UNSEEN = {Phase.FAILED, Phase.HELD, Phase.UNDEAD, Phase.LEAVING}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "children"),
    [
        (Strategy.ONE_FOR_ONE, CHILDREN),
        (Strategy.ONE_FOR_ALL, GROUP),
        (Strategy.REST_FOR_ONE, GROUP),
    ],
)
def test_no_order_of_events_breaks_a_promise(
    strategy: Strategy, children: tuple[ChildSpec, ...]
) -> None:
    state = Supervisor(
        intensity=Intensity(max_restarts=MAX_RESTARTS, period_s=60.0), strategy=strategy
    )
    seen = _explore(Point(state=state, requests=children))
    assert any(point.state.burnt_out for point in seen)
    phases = {child.phase for point in seen for child in point.state.children}
    assert phases >= set(Phase) - UNSEEN  # a dynamic child that failed is forgotten
    print(f"{len(seen)} states")  # noqa: T201  the size of what was proved
