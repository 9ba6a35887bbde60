"""A small supervisor, all that may happen to it next, and what must hold whatever has happened.

Time stands still: alarms come in any order. A process may answer or not, end in any way, or
survive SIGKILL. Operators ask for anything, so many times (`asks`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import ChildSpec, ExitClass, ExitReason
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp import supervisor as core
from prd_supervise.supervisor.core.otp.child import Child, Phase
from prd_supervise.supervisor.core.otp.commands import Answered, Command, SetAlarm, Spawn
from prd_supervise.supervisor.core.otp.events import (
    Alarm,
    AlarmWentOff,
    ChildDeleteRequested,
    ChildExited,
    ChildHoldRequested,
    ChildIgnored,
    ChildReady,
    ChildReleaseRequested,
    ChildRestartRequested,
    ChildStartRequested,
    ChildStopRequested,
    Request,
    StopRequested,
    SupervisorEvent,
)
from prd_supervise.supervisor.core.otp.state import Supervisor

HURRIED_S = 5.0
GRACE_S = 60.0

AWAITED = {  # in which phases an alarm means anything
    Alarm.START_OVERDUE: {Phase.STARTING, Phase.LEAVING},
    Alarm.BACKOFF_OVER: {Phase.BACKOFF},
    Alarm.TERMINATE_DUE: set[Phase](),  # it leads to a signal that nobody has to hear
    Alarm.KILL_DUE: {Phase.STOPPING},
    Alarm.GONE_OVERDUE: {Phase.STARTING, Phase.LEAVING, Phase.RUNNING, Phase.STOPPING},
}


class Point(Struct, frozen=True, kw_only=True):
    """Where it stands: the supervisor, who lives, which alarms are set, and what is still asked."""

    state: Supervisor
    living: frozenset[tuple[str, int]] = frozenset()
    alarms: frozenset[tuple[str, int, Alarm]] = frozenset()
    wanted: tuple[ChildSpec, ...] = ()  # the owner starts these, one after the other
    asks: int = 0  # how often somebody else may ask for something
    unanswered: frozenset[str] = frozenset()
    has_ended: bool = False


def events(point: Point) -> Iterator[SupervisorEvent]:
    """All that may happen next."""
    yield from _facts(point)
    if point.state.deadline is None:
        yield StopRequested(deadline=deadline_from(0.0, GRACE_S))
    elif point.state.deadline.grace_s == GRACE_S:
        yield StopRequested(deadline=deadline_from(0.0, HURRIED_S))
    if point.wanted and point.state.child(point.wanted[0].child_id) is None:
        yield ChildStartRequested(spec=point.wanted[0])
    if point.asks and point.state.deadline is None:
        for child in point.state.children:
            yield from _requests(child, f"ask{point.asks}")


def _facts(point: Point) -> Iterator[SupervisorEvent]:
    for child_id, incarnation in point.living:
        child = point.state.child(child_id)
        if child is not None and child.phase is Phase.STARTING:
            yield ChildReady(child_id=child_id, incarnation=incarnation)
            yield ChildIgnored(child_id=child_id, incarnation=incarnation)
        yield from exits(child_id, incarnation)
    for child_id, incarnation, alarm in point.alarms:
        yield AlarmWentOff(child_id=child_id, incarnation=incarnation, alarm=alarm)


def exits(child_id: str, incarnation: int) -> Iterator[ChildExited]:
    """The ways to end."""
    for kind in (ExitClass.NORMAL, ExitClass.ABNORMAL):
        reason = ExitReason(exit_class=kind, detail="")
        yield ChildExited(child_id=child_id, incarnation=incarnation, reason=reason)


def _requests(child: Child, request: str) -> Iterator[SupervisorEvent]:
    name, deadline = child.child_id, deadline_from(0.0, GRACE_S)
    yield ChildStopRequested(child_id=name, deadline=deadline, request=request)
    yield ChildRestartRequested(child_id=name, request=request)
    yield ChildDeleteRequested(child_id=name, request=request)
    yield ChildStartRequested(spec=child.spec, request=request)
    yield ChildHoldRequested(child_id=name, request=request)
    yield ChildReleaseRequested(child_id=name, request=request)


def after(point: Point, event: SupervisorEvent) -> tuple[Point, list[Command]]:
    """Where it stands then, and what it wanted."""
    state, commands = core.step(point.state, event, 0.0)
    living, alarms = set(point.living), set(point.alarms)
    unanswered = set(point.unanswered)
    asks, wanted = point.asks, point.wanted
    if isinstance(event, ChildExited):
        living.remove((event.child_id, event.incarnation))
    elif isinstance(event, AlarmWentOff):
        alarms.remove((event.child_id, event.incarnation, event.alarm))
    elif isinstance(event, Request) and event.request:
        unanswered.add(event.request)
        asks -= 1
    elif isinstance(event, ChildStartRequested):
        wanted = wanted[1:]
    for command in commands:
        if isinstance(command, Spawn):
            assert command.spec.child_id not in dict(living), "two incarnations live at once"
            living.add((command.spec.child_id, command.incarnation))
        elif isinstance(command, SetAlarm):
            alarms.add((command.child_id, command.incarnation, command.alarm))
        elif isinstance(command, Answered):
            assert command.request in unanswered, "answered twice"
            unanswered.remove(command.request)
    then = replace(
        point,
        state=state,
        living=frozenset(living),
        alarms=frozenset(each for each in alarms if is_awaited(state, *each)),
        wanted=wanted,
        asks=asks,
        unanswered=frozenset(unanswered),
        has_ended=state.is_over,
    )
    return then, commands


def is_awaited(state: Supervisor, child_id: str, incarnation: int, alarm: Alarm) -> bool:
    """Say whether an alarm still means anything; that others mean nothing is checked for each."""
    child = state.child(child_id)
    if child is None or child.incarnation != incarnation:
        return False
    return child.phase in AWAITED[alarm]
