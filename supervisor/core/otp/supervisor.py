"""One supervisor, as OTP has it: who is started, stopped, restarted and given up, and when it ends.

exits.py has what a death leads to, requests.py what is asked about one child, reload.py new flags
and specs, agenda.py what takes several turns, queries.py what can be seen of it all.
"""

from __future__ import annotations

from typing import assert_never

from ....policies.supervising.childspecs import check_childspecs, check_flags
from ....policies.supervising.shutdown import Deadline
from ....policies.supervising.spec import ExitClass, ExitReason
from ....policies.values import replace
from . import child as life
from .agenda import advance, plan_group_restart, plan_stop
from .child import Child, Phase
from .commands import ChildStarted, Command
from .events import (
    Alarm,
    AlarmWentOff,
    ChildExited,
    ChildIgnored,
    ChildKilled,
    ChildReady,
    Fact,
    ReloadRequested,
    StartRequested,
    StopRequested,
    SupervisorEvent,
)
from .exits import on_exited, on_undead
from .reload import on_reload
from .requests import ChildRequest, on_request
from .state import Step, Supervisor, answer, begin, put


def step(supervisor: Supervisor, event: SupervisorEvent, now_s: float) -> Step:
    """Answer one event: the supervisor as it is next, what is to be done, and what came of it."""
    if isinstance(event, Fact):
        child = supervisor.child(event.child_id)
        if child is None or child.incarnation != event.incarnation or supervisor.is_over:
            return supervisor, []  # late: of an incarnation that is gone
        return _on_fact(supervisor, child, event, now_s)
    if isinstance(event, ChildRequest):
        return on_request(supervisor, event, now_s)
    match event:
        case StartRequested():
            return _start_all(supervisor, event, now_s)
        case StopRequested():
            return _stop_all(supervisor, event.deadline, now_s)
        case ReloadRequested():
            return on_reload(supervisor, event)
        case _:
            assert_never(event)


def _start_all(supervisor: Supervisor, event: StartRequested, now_s: float) -> Step:
    """Start the first children in order, each when the one before it is ready."""
    if supervisor.deadline is not None:
        return supervisor, []  # it is stopping: nothing new
    if supervisor.children:
        raise AssertionError("a supervisor that has children was started")
    defects = check_flags(supervisor.flags)
    if supervisor.template is None:
        defects += check_childspecs(event.specs, supervisor.auto_shutdown)
    elif event.specs:
        defects += ("specs are given; a dynamic supervisor has its template alone",)
    if defects:
        why = ExitReason(exit_class=ExitClass.ABNORMAL, detail="; ".join(defects))
        return _stop_all(replace(supervisor, reason=why), Deadline(at_s=now_s, grace_s=0.0), now_s)
    for spec in event.specs:
        is_held = spec.child_id in event.held
        phase = Phase.HELD if is_held else Phase.STOPPED
        supervisor = put(supervisor, Child(spec=spec, phase=phase, is_held=is_held))
    starts = tuple(child.child_id for child in supervisor.children)
    return advance(replace(supervisor, starts=starts, is_opening=True), [], now_s)


def _stop_all(supervisor: Supervisor, deadline: Deadline, now_s: float) -> Step:
    if supervisor.is_over:
        return supervisor, []
    stopping, commands = plan_stop(supervisor, deadline, now_s)
    return advance(stopping, commands, now_s)


def _on_fact(  # noqa: PLR0911  a case a fact
    supervisor: Supervisor, child: Child, event: Fact, now_s: float
) -> Step:
    match event:
        case ChildReady():
            return _on_ready(supervisor, child, event.info, now_s)
        case ChildIgnored():
            if child.phase is not Phase.STARTING:
                return supervisor, []  # it is being stopped meanwhile
            return put(supervisor, replace(child, phase=Phase.LEAVING)), []
        case ChildKilled():
            if not child.is_alive:
                return supervisor, []
            return supervisor, [life.expect_gone(child, now_s, supervisor.deadline)]
        case ChildExited():
            return on_exited(supervisor, child, event.reason, now_s)
        case AlarmWentOff():
            return _on_alarm(supervisor, child, event.alarm, now_s)
        case _:
            assert_never(event)


def _on_ready(supervisor: Supervisor, child: Child, info: str, now_s: float) -> Step:
    ready = life.is_ready(child, now_s)
    if ready is child:
        return supervisor, []
    number = child.incarnation
    commands: list[Command] = [ChildStarted(child_id=child.child_id, incarnation=number)]
    if child.starter is not None:
        commands += answer(child.starter.request, incarnation=number, info=info)
        ready = replace(ready, starter=None)
    return advance(put(supervisor, ready), commands, now_s)


def _on_alarm(supervisor: Supervisor, child: Child, alarm: Alarm, now_s: float) -> Step:
    changed, effects = life.went_off(child, alarm, now_s, supervisor.deadline)
    if changed is child:
        return supervisor, [*effects]
    after = put(supervisor, changed)
    if changed.phase is Phase.UNDEAD:
        return on_undead(after, changed, now_s)
    # OTP: a retry takes down again what of its group has come up meanwhile.
    after = plan_group_restart(after, child.child_id)
    if child.child_id in after.starts:
        return advance(after, [], now_s)
    return begin(after, changed, now_s)
