"""What the end of a child's process leads to (OTP: restart_child, do_restart, add_restart)."""

from __future__ import annotations

from ....policies.counting import counted
from ....policies.supervising.backoff import delay_s, jitter_of
from ....policies.supervising.restart import add_restart, ends_supervisor, should_restart
from ....policies.supervising.shutdown import deadline_from
from ....policies.supervising.spec import ExitClass, ExitReason
from ....policies.values import replace
from . import child as life
from .agenda import advance, plan_group_restart, plan_stop
from .child import Child, Phase
from .commands import ChildEnded, ChildRestarting, ChildUndead, Command, Refusal
from .state import Step, Supervisor, answer, ended, given_up, held, not_started, put, settle

DETAIL_CHARS_MAX = 400  # of a child's reason within its supervisor's
_IGNORED = ExitReason(exit_class=ExitClass.NORMAL, detail="ignored: there is nothing to do for it")
_NOT_GONE = ExitReason(exit_class=ExitClass.ABNORMAL, detail="killed, and not gone")
_DONE = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="its significant children have ended")


def on_exited(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    """A child is gone: because it was to go, before it was ready, or by itself."""
    if not child.is_alive:
        raise AssertionError(f"{child.child_id!r} exited while {child.phase.value}")
    phase = child.killed_in or child.phase
    if phase is Phase.STOPPING or supervisor.is_to_stop(child.child_id):
        return _on_stopped(supervisor, child, reason, now_s)
    if phase is Phase.LEAVING:
        return _on_ignored(supervisor, child, now_s)
    if phase is Phase.STARTING and child.starter is not None:
        # Who asked for the start is told, and nobody tries again (OTP: start_child).
        return advance(settle(supervisor, child), ended(child, reason), now_s)
    if phase is Phase.STARTING and _is_first_start(supervisor, child):
        return _roll_back(supervisor, child, reason, now_s)
    return _on_death(supervisor, child, reason, now_s)


def on_undead(supervisor: Supervisor, child: Child, now_s: float) -> Step:
    """Whoever waits for its end waits no longer; its restart waits for as long as it takes."""
    commands: list[Command] = [ChildUndead(child_id=child.child_id, incarnation=child.incarnation)]
    if child.starter is not None:
        commands += answer(child.starter.request, Refusal.UNDEAD)
        child = replace(child, starter=replace(child.starter, request=""))
    for request in child.stoppers:
        commands += answer(request, Refusal.UNDEAD)
    after = put(supervisor, replace(child, stoppers=()))
    if child.killed_in is not Phase.STOPPING and _is_first_start(supervisor, child):
        return _end(after, _start_failure(child, _NOT_GONE), commands, now_s)
    return advance(after, commands, now_s)


def _is_first_start(supervisor: Supervisor, child: Child) -> bool:
    return supervisor.is_opening and child.starter is None and child.restarts.total == 0


def _on_stopped(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    """It was asked to stop, or would have been before the agenda is through."""
    has_finished = not child.is_stopping and not should_restart(child.spec.restart, reason)
    if child.child_id not in supervisor.starts or (child.spec.dynamic and has_finished):
        return advance(settle(supervisor, child), ended(child, reason), now_s)
    # Its group took it down, and brings it back.
    if child.is_held:
        kept = put(not_started(supervisor, child.child_id), _gone(child, Phase.HELD))
        return advance(kept, held(child, reason), now_s)
    waiting = replace(child, phase=Phase.STOPPED, killed_in=None, stoppers=())
    told = [each for request in child.stoppers for each in answer(request)]
    commands: list[Command] = [
        ChildRestarting(
            child_id=child.child_id, incarnation=child.incarnation, reason=reason, delay_s=0.0
        )
    ]
    return advance(put(supervisor, waiting), [*commands, *told], now_s)


def _on_ignored(supervisor: Supervisor, child: Child, now_s: float) -> Step:
    """It left because it is not needed: no failure, and its turn to be started is over."""
    gone = ChildEnded(child_id=child.child_id, incarnation=child.incarnation, reason=_IGNORED)
    told = answer(child.starter.request) if child.starter is not None else []
    after = settle(supervisor, replace(child, starter=None))  # a spec that is ignored is kept
    return advance(after, [gone, *told], now_s)


def _roll_back(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    """A first start failed: nobody tries again, all others end, and the supervisor with them."""
    why = _start_failure(child, reason)
    return _end(settle(supervisor, child), why, ended(child, reason), now_s)


def _start_failure(child: Child, reason: ExitReason) -> ExitReason:
    text = f"{child.child_id!r} could not be started: {_brief(reason)}"
    return ExitReason(exit_class=ExitClass.ABNORMAL, detail=text, cause=reason.cause)


def _on_death(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    if not should_restart(child.spec.restart, reason):
        # It may have ended before it was ready: its turn to be started is over all the same.
        return _on_gone(settle(supervisor, child), child, ended(child, reason), now_s)
    if _is_used_up(child, reason, now_s):
        after = settle(supervisor, child, Phase.FAILED)
        return _on_gone(after, child, given_up(child, reason), now_s)
    if child.is_held:
        kept = put(not_started(supervisor, child.child_id), _gone(child, Phase.HELD))
        return advance(kept, held(child, reason), now_s)
    return _restart(supervisor, child, reason, now_s)


def _on_gone(supervisor: Supervisor, child: Child, commands: list[Command], now_s: float) -> Step:
    """It ended by itself and stays away: that may be the end of its supervisor (auto_shutdown)."""
    others_last = any(
        each.spec.significant and (each.is_alive or each.phase in {Phase.BACKOFF, Phase.HELD})
        for each in supervisor.children
        if each.child_id != child.child_id
    )
    if ends_supervisor(supervisor.auto_shutdown, child.spec, others_last=others_last):
        return _end(supervisor, _DONE, commands, now_s)
    return advance(supervisor, commands, now_s)


def _restart(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    restarts, is_within = add_restart(supervisor.restarted_at_s, now_s, supervisor.intensity)
    counted = replace(supervisor, restarted_at_s=restarts)
    if not is_within:
        return _burn_out(counted, child, reason, now_s)
    fresh = life.forgiven(child, now_s)
    jitter = jitter_of(supervisor.seed, child.child_id, child.incarnation)
    wait_s = delay_s(fresh.failures + 1, supervisor.backoff, jitter)
    waiting, effects = life.back_off(fresh, reason.cause, wait_s, now_s)
    notice = ChildRestarting(
        child_id=child.child_id, incarnation=child.incarnation, reason=reason, delay_s=wait_s
    )
    grouped = plan_group_restart(put(counted, waiting), child.child_id)
    return advance(grouped, [notice, *effects], now_s)


def _burn_out(supervisor: Supervisor, child: Child, reason: ExitReason, now_s: float) -> Step:
    limit = supervisor.intensity
    text = (
        f"more than {counted(limit.max_restarts, 'restart')} within {limit.period_s:g} s;"
        f" the last: {child.child_id!r}, {_brief(reason)}"
    )
    why = ExitReason(exit_class=ExitClass.ABNORMAL, detail=text, cause=reason.cause)
    burnt = replace(settle(supervisor, child), burnt_out=True)
    return _end(burnt, why, ended(child, reason), now_s)


def _end(supervisor: Supervisor, why: ExitReason, commands: list[Command], now_s: float) -> Step:
    """The supervisor ends because of what befell a child."""
    deadline = deadline_from(now_s, supervisor.grace_s)
    stopping, more = plan_stop(replace(supervisor, reason=why), deadline, now_s)
    return advance(stopping, [*commands, *more], now_s)


def _is_used_up(child: Child, reason: ExitReason, now_s: float) -> bool:
    """Say whether the child may not come back any more, whatever its supervisor could afford."""
    caps, most = child.spec.restarts_max, child.spec.failures_max
    if caps is not None and child.restarts.of(reason.cause) >= caps.of(reason.cause):
        return True
    return most is not None and life.forgiven(child, now_s).failures >= most


def _gone(child: Child, phase: Phase) -> Child:
    return replace(child, phase=phase, killed_in=None, starter=None, stoppers=())


def _brief(reason: ExitReason) -> str:
    """The end is what a chain of supervisors leaves of many words: there stands the cause."""
    detail = reason.detail
    return detail if len(detail) <= DETAIL_CHARS_MAX else f"...{detail[-DETAIL_CHARS_MAX:]}"
