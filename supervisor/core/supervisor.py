"""One supervisor: who is started, stopped, restarted and given up, and when it gives up itself."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ...policies.backoff import delay_s, jitter_of
from ...policies.restart import add_restart, should_restart
from ...policies.shutdown import Deadline, deadline_from
from ...policies.spec import ChildSpec, ExitReason
from . import child as life
from .agenda import advance, end_waiting, plan_group_restart, plan_stop
from .child import Child, Phase
from .commands import ChildEnded, ChildGivenUp, ChildRestarting, ChildStarted
from .events import (
    Alarm,
    AlarmWentOff,
    ChildExited,
    ChildReady,
    ChildStartRequested,
    ChildStopRequested,
    StopRequested,
    SupervisorEvent,
)
from .supervisor_state import Step, Supervisor, begin, forget, not_started, put

BURN_OUT_GRACE_S = 10.0
STABLE_RUN_S = 60.0  # after so long in service, a death is the first one again


def step(supervisor: Supervisor, event: SupervisorEvent, now_s: float) -> Step:
    """Answer one event: the supervisor as it is next, what is to be done, and what came of it."""
    match event:
        case ChildStartRequested():
            return _on_start_requested(supervisor, event.spec, now_s)
        case ChildStopRequested():
            return _on_child_stop_requested(supervisor, event, now_s)
        case StopRequested():
            return _stop_all(supervisor, event.deadline, now_s)
        case ChildReady() | ChildExited() | AlarmWentOff():
            child = supervisor.child(event.child_id)
            if child is None or child.incarnation != event.incarnation:
                return supervisor, []  # late: of an incarnation that is gone
            return _on_fact(supervisor, child, event, now_s)
        case _:
            assert_never(event)


def _on_fact(
    supervisor: Supervisor,
    child: Child,
    event: ChildReady | ChildExited | AlarmWentOff,
    now_s: float,
) -> Step:
    match event:
        case ChildReady():
            ready = life.is_ready(child, now_s)
            if ready is child:
                return supervisor, []
            started = ChildStarted(child_id=child.child_id, incarnation=child.incarnation)
            return advance(put(supervisor, ready), [started], now_s)
        case ChildExited():
            return _on_exited(supervisor, child, event.reason, now_s)
        case AlarmWentOff():
            return _on_alarm(supervisor, child, event, now_s)
        case _:
            assert_never(event)


def _on_alarm(supervisor: Supervisor, child: Child, event: AlarmWentOff, now_s: float) -> Step:
    changed, effects = life.went_off(child, event.alarm)
    after = put(supervisor, changed)
    if event.alarm is not Alarm.BACKOFF_OVER or changed is child:
        return after, [*effects]
    if child.child_id in after.starts:  # its group starts in order
        return advance(after, [], now_s)
    return begin(after, changed, now_s)


def _stop_all(supervisor: Supervisor, deadline: Deadline, now_s: float) -> Step:
    stopping, commands = plan_stop(supervisor, deadline, now_s)
    return advance(stopping, commands, now_s)


def _on_start_requested(supervisor: Supervisor, spec: ChildSpec, now_s: float) -> Step:
    if supervisor.deadline is not None:
        return supervisor, []  # it is stopping: nothing new
    known = supervisor.child(spec.child_id)
    if known is not None and known.phase not in {Phase.STOPPED, Phase.FAILED}:
        raise AssertionError(f"{spec.child_id!r} was started while {known.phase.value}")
    kept = tuple(child for child in supervisor.children if child is not known)
    born = Child(spec=spec)
    grown = replace(supervisor, children=(*kept, born))
    if spec.dynamic:
        return begin(grown, born, now_s)
    return advance(replace(grown, starts=(*grown.starts, spec.child_id)), [], now_s)


def _on_child_stop_requested(
    supervisor: Supervisor, event: ChildStopRequested, now_s: float
) -> Step:
    child = supervisor.child(event.child_id)
    if child is None:
        return supervisor, []
    without = not_started(supervisor, event.child_id)
    if child.phase is Phase.BACKOFF:
        ended, notices = end_waiting(without, child)
        return advance(ended, notices, now_s)
    stopped, effects = life.begin_stop(child, event.deadline, now_s)
    return put(without, stopped), [*effects]


def _on_exited(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    if child.phase not in life.ALIVE:
        raise AssertionError(f"{child.child_id!r} exited while {child.phase.value}")
    stopped = put(supervisor, replace(child, phase=Phase.STOPPED))
    if child.phase is Phase.STOPPING or supervisor.is_to_stop(child.child_id):
        return advance(forget(stopped, child), [_ended(child, reason)], now_s)
    if not should_restart(child.spec.restart, reason):
        # It may have ended before it was ready: its turn to be started is over all the same.
        ended = not_started(stopped, child.child_id)
        return advance(forget(ended, child), [_ended(child, reason)], now_s)
    if _is_used_up(child, now_s):
        given_up = ChildGivenUp(
            child_id=child.child_id, incarnation=child.incarnation, reason=reason
        )
        failed = put(supervisor, replace(child, phase=Phase.FAILED))
        return advance(forget(failed, child), [given_up], now_s)
    return _restart(supervisor, child, reason, now_s)


def _restart(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    restarts, is_within = add_restart(supervisor.restarted_at_s, now_s, supervisor.intensity)
    counted = replace(supervisor, restarted_at_s=restarts)
    if not is_within:
        dead = put(counted, replace(child, phase=Phase.STOPPED))
        burnt = replace(dead, burnt_out=True)
        stopping, commands = _stop_all(burnt, deadline_from(now_s, BURN_OUT_GRACE_S), now_s)
        return stopping, [_ended(child, reason), *commands]
    fresh = _forgive(child, now_s)
    jitter = jitter_of(supervisor.seed, child.child_id, child.incarnation)
    wait_s = delay_s(fresh.failures + 1, supervisor.backoff, jitter)
    waiting, effects = life.back_off(fresh, wait_s, now_s)
    notice = ChildRestarting(
        child_id=child.child_id, incarnation=child.incarnation, reason=reason, delay_s=wait_s
    )
    grouped = plan_group_restart(put(counted, waiting), child.child_id)
    return advance(grouped, [notice, *effects], now_s)


def _forgive(child: Child, now_s: float) -> Child:
    """Let backoff begin anew after a run that was stable."""
    stable = child.ready_at_s is not None and now_s - child.ready_at_s >= STABLE_RUN_S
    return replace(child, failures=0) if stable else child


def _is_used_up(child: Child, now_s: float) -> bool:
    """Say whether the child may not come back any more, whatever its supervisor could afford."""
    spec = child.spec
    return (spec.restarts_max is not None and child.restarts >= spec.restarts_max) or (
        spec.failures_max is not None and _forgive(child, now_s).failures >= spec.failures_max
    )


def _ended(child: Child, reason: ExitReason) -> ChildEnded:
    return ChildEnded(child_id=child.child_id, incarnation=child.incarnation, reason=reason)
