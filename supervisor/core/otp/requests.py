"""What is asked of a supervisor about one child, and OTP's answers to it."""

from __future__ import annotations

from typing import assert_never

from ....policies.supervising.childspecs import check_childspecs
from ....policies.supervising.spec import ChildSpec, ExitClass, ExitReason, Tally
from ....policies.values import replace
from . import child as life
from .agenda import advance, end_waiting, start_in_turn
from .child import Child, Phase, Starter
from .commands import Refusal
from .events import (
    ChildDeleteRequested,
    ChildHoldRequested,
    ChildReleaseRequested,
    ChildRestartRequested,
    ChildStartRequested,
    ChildStopRequested,
    DynamicStartRequested,
)
from .state import Step, Supervisor, answer, held, not_started, put

_HELD = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="held")

ChildRequest = (
    ChildStartRequested
    | DynamicStartRequested
    | ChildStopRequested
    | ChildRestartRequested
    | ChildDeleteRequested
    | ChildHoldRequested
    | ChildReleaseRequested
)


def on_request(  # noqa: PLR0911  a case a request
    supervisor: Supervisor, event: ChildRequest, now_s: float
) -> Step:
    """Answer a request; while the supervisor stops, nobody but a stop itself is heard."""
    match event:
        case ChildStopRequested():
            return _on_stop(supervisor, event, now_s)
        case _ if supervisor.deadline is not None:
            return supervisor, answer(event.request, Refusal.STOPPING)
        case ChildStartRequested():
            return _on_start(supervisor, event, now_s)
        case DynamicStartRequested():
            return _on_dynamic_start(supervisor, event, now_s)
        case ChildRestartRequested():
            return _on_restart(supervisor, event, now_s)
        case ChildDeleteRequested():
            return _on_delete(supervisor, event)
        case ChildHoldRequested():
            return _on_hold(supervisor, event, now_s)
        case ChildReleaseRequested():
            return _on_release(supervisor, event, now_s)
        case _:
            assert_never(event)


def _on_start(supervisor: Supervisor, event: ChildStartRequested, now_s: float) -> Step:
    spec, request = event.spec, event.request
    known = supervisor.child(spec.child_id)
    if known is not None and (request or known.phase not in {Phase.STOPPED, Phase.FAILED}):
        return _is_there_already(supervisor, known, request)
    if request and supervisor.template is not None:
        return supervisor, answer(request, Refusal.SIMPLE_ONE_FOR_ONE)
    if request and (defects := check_childspecs((spec,), supervisor.auto_shutdown)):
        return supervisor, answer(request, Refusal.INVALID, detail="; ".join(defects))
    if known is not None:  # it goes last, as a new one does
        supervisor = replace(supervisor, children=supervisor.children.without(spec.child_id))
    return _start_new(supervisor, spec, request, now_s)


def _on_dynamic_start(supervisor: Supervisor, event: DynamicStartRequested, now_s: float) -> Step:
    template, most = supervisor.template, supervisor.children_max
    if template is None:
        text = "there is no template; ask for a start with a spec"
        return supervisor, answer(event.request, Refusal.INVALID, detail=text)
    known = supervisor.child(event.child_id)
    if known is not None:
        return _is_there_already(supervisor, known, event.request)
    if most is not None and len(supervisor.children) >= most:
        return supervisor, answer(event.request, Refusal.MAX_CHILDREN)
    spec = replace(template, child_id=event.child_id, dynamic=True)
    return _start_new(supervisor, spec, event.request, now_s)


def _is_there_already(supervisor: Supervisor, known: Child, request: str) -> Step:
    if not request:
        raise AssertionError(f"{known.child_id!r} was started while {known.phase.value}")
    if known.is_alive:
        number = known.incarnation
        return supervisor, answer(request, Refusal.ALREADY_STARTED, incarnation=number)
    return supervisor, answer(request, Refusal.ALREADY_PRESENT)


def _start_new(supervisor: Supervisor, spec: ChildSpec, request: str, now_s: float) -> Step:
    starter = Starter(request=request, is_new=True) if request else None
    born = Child(spec=spec, starter=starter)
    return start_in_turn(put(supervisor, born), born, now_s)


def _on_stop(supervisor: Supervisor, event: ChildStopRequested, now_s: float) -> Step:
    child = supervisor.child(event.child_id)
    if supervisor.is_over:
        return supervisor, answer(event.request, Refusal.STOPPING)
    if child is None or event.incarnation not in {None, child.incarnation}:
        return supervisor, answer(event.request, _refusal_to_stop(supervisor, event))
    if not child.is_alive:
        return _stop_one_that_is_down(supervisor, child, event.request, now_s)
    stopped, effects = life.begin_stop(child, event.deadline, now_s)
    after = not_started(supervisor, child.child_id)
    if child.phase is Phase.UNDEAD:
        return put(after, stopped), answer(event.request, Refusal.UNDEAD)
    if event.request:
        stopped = replace(stopped, stoppers=(*child.stoppers, event.request))
    return put(after, stopped), [*effects]


def _refusal_to_stop(supervisor: Supervisor, event: ChildStopRequested) -> Refusal | None:
    if event.incarnation is not None and event.incarnation <= supervisor.births:
        return None  # that one is gone already (OTP: a dead pid)
    if supervisor.template is not None and event.child_id == supervisor.template.child_id:
        return Refusal.SIMPLE_ONE_FOR_ONE
    return Refusal.NOT_FOUND


def _stop_one_that_is_down(
    supervisor: Supervisor, child: Child, request: str, now_s: float
) -> Step:
    """Nothing of it lives, but it may wait to come back: not any more."""
    was_waiting = child.phase in {Phase.BACKOFF, Phase.HELD} or child.child_id in supervisor.starts
    if not was_waiting:
        return supervisor, answer(request)
    after, commands = end_waiting(supervisor, child)
    if request and child.phase is Phase.BACKOFF:
        after = _without_group_of(after)
    return advance(after, [*commands, *answer(request)], now_s)


def _without_group_of(supervisor: Supervisor) -> Supervisor:
    """OTP: with the retry that is cancelled goes that of its group. A story's never does."""
    wanted = (supervisor.child(name) for name in supervisor.starts)
    kept = [each for each in wanted if each is not None and (each.spec.dynamic or each.starter)]
    return replace(supervisor, starts=tuple(each.child_id for each in kept))


def _on_restart(supervisor: Supervisor, event: ChildRestartRequested, now_s: float) -> Step:
    child = supervisor.child(event.child_id)
    refusal = _refusal(supervisor, child)
    if child is None or refusal is not None:
        return supervisor, answer(event.request, refusal)
    if child.is_held:
        return supervisor, answer(event.request, Refusal.HELD)
    starter = Starter(request=event.request, is_new=False) if event.request else None
    if child.phase is Phase.FAILED:  # somebody has looked at it: its restarts begin anew
        child = replace(child, phase=Phase.STOPPED, restarts=Tally(), failures=0)
    wanted = replace(child, starter=starter)
    return start_in_turn(put(supervisor, wanted), wanted, now_s)


def _on_delete(supervisor: Supervisor, event: ChildDeleteRequested) -> Step:
    refusal = _refusal(supervisor, supervisor.child(event.child_id))
    if refusal is not None:
        return supervisor, answer(event.request, refusal)
    children = supervisor.children.without(event.child_id)
    return replace(supervisor, children=children), answer(event.request)


def _refusal(supervisor: Supervisor, child: Child | None) -> Refusal | None:
    """Why a child cannot be restarted or deleted now (OTP: only one that is `undefined` can)."""
    if supervisor.template is not None:
        return Refusal.SIMPLE_ONE_FOR_ONE
    if child is None:
        return Refusal.NOT_FOUND
    if child.phase is Phase.UNDEAD:
        return Refusal.UNDEAD
    if child.is_alive:
        return Refusal.RUNNING
    if child.phase is Phase.BACKOFF or child.child_id in supervisor.starts:
        return Refusal.RESTARTING
    return None


def _on_hold(supervisor: Supervisor, event: ChildHoldRequested, now_s: float) -> Step:
    child = supervisor.child(event.child_id)
    if child is None:
        return supervisor, answer(event.request, Refusal.NOT_FOUND)
    on_hold = replace(child, is_held=True)
    is_coming = child.phase is Phase.BACKOFF or child.child_id in supervisor.starts
    if child.is_alive or not is_coming:
        return put(supervisor, on_hold), answer(event.request)
    waiting = replace(on_hold, phase=Phase.HELD, starter=None)
    after = put(not_started(supervisor, child.child_id), waiting)
    return advance(after, [*held(child, _HELD), *answer(event.request)], now_s)


def _on_release(supervisor: Supervisor, event: ChildReleaseRequested, now_s: float) -> Step:
    child = supervisor.child(event.child_id)
    if child is None:
        return supervisor, answer(event.request, Refusal.NOT_FOUND)
    free = replace(child, is_held=False)
    if child.phase is not Phase.HELD:
        return put(supervisor, free), answer(event.request)
    wanted = replace(free, phase=Phase.STOPPED)
    after, commands = start_in_turn(put(supervisor, wanted), wanted, now_s)
    return after, [*answer(event.request), *commands]
