"""What takes a supervisor several turns: groups of children are stopped, then others started.

Between two turns every other event is served, a stop first of all (OTP: "leaving control back to
gen_server before trying again").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...policies.restart import affected_children
from ...policies.shutdown import Deadline, deadline_from, sooner
from ...policies.spec import ExitClass, ExitReason, Restart
from . import child as life
from .child import Child, Phase
from .commands import ChildEnded, SupervisorEnded
from .supervisor_state import Command, Step, Supervisor, begin, forget, put

GROUP_RESTART_GRACE_S = 10.0


def plan_group_restart(supervisor: Supervisor, child_id: str) -> Supervisor:
    """Plan who goes down and comes back with this child, by the strategy."""
    order = [child.child_id for child in supervisor.children]
    affected = set(affected_children(supervisor.strategy, order, child_id))
    if affected == {child_id}:
        return supervisor
    together = affected | set(supervisor.starts)
    others = [child for child in supervisor.children if child.child_id in together - {child_id}]
    # OTP: a temporary sibling goes down with its group and does not come back.
    back = {child.child_id for child in others if child.spec.restart is not Restart.TEMPORARY}
    return replace(
        supervisor,
        stop_groups=_stop_order(child for child in others if child.is_alive),
        starts=tuple(name for name in order if name in back | {child_id}),
    )


def plan_stop(supervisor: Supervisor, deadline: Deadline, now_s: float) -> Step:
    """Plan the end of all children; who is being stopped already learns of an earlier deadline."""
    earlier = sooner(supervisor.deadline, deadline)
    commands: list[Command] = []
    for child in supervisor.children:
        if child.phase is Phase.BACKOFF:  # at once: its delay may be over before its turn comes
            supervisor, notices = end_waiting(supervisor, child)
            commands += notices
        elif child.phase is Phase.STOPPING and earlier != supervisor.deadline:
            _, effects = life.begin_stop(child, earlier, now_s)
            commands += effects
    groups = _stop_order(supervisor.children)
    return replace(supervisor, deadline=earlier, stop_groups=groups, starts=()), commands


def end_waiting(supervisor: Supervisor, child: Child) -> Step:
    """End a child that waits for its restart: nothing of it lives that could still exit."""
    ended = put(supervisor, replace(child, phase=Phase.STOPPED))
    reason = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="stopped before its restart")
    notice = ChildEnded(child_id=child.child_id, incarnation=child.incarnation, reason=reason)
    return forget(ended, child), [notice]


def _stop_order(children: Iterable[Child]) -> tuple[tuple[str, ...], ...]:
    """Reverse start order, one at a time; dynamic children that stand together go together."""
    groups: list[tuple[str, ...]] = []
    was_dynamic = False
    for child in reversed(tuple(children)):
        if child.spec.dynamic and was_dynamic:
            groups[-1] = (*groups[-1], child.child_id)
        else:
            groups.append((child.child_id,))
        was_dynamic = child.spec.dynamic
    return tuple(groups)


def advance(supervisor: Supervisor, commands: list[Command], now_s: float) -> Step:
    """Do what can be done now, after `commands`."""
    supervisor, stops = _advance_stops(supervisor, now_s)
    if supervisor.stop_groups:
        return supervisor, [*commands, *stops]
    if supervisor.deadline is not None:
        ended = SupervisorEnded(burnt_out=supervisor.burnt_out)
        return supervisor, [*commands, *stops, ended]
    supervisor, starts = _advance_starts(supervisor, now_s)
    return supervisor, [*commands, *stops, *starts]


def _advance_stops(supervisor: Supervisor, now_s: float) -> Step:
    deadline = supervisor.deadline or deadline_from(now_s, GROUP_RESTART_GRACE_S)
    commands: list[Command] = []
    while supervisor.stop_groups:
        group = supervisor.stop_groups[0]
        for child in (supervisor.child(name) for name in group):
            if child is not None and child.phase is not Phase.STOPPING:
                stopped, effects = life.begin_stop(child, deadline, now_s)
                supervisor = put(supervisor, stopped)
                commands += effects
        if any(supervisor.lives(name) for name in group):
            break
        supervisor = replace(supervisor, stop_groups=supervisor.stop_groups[1:])
    return supervisor, commands


def _advance_starts(supervisor: Supervisor, now_s: float) -> Step:
    wanted = [supervisor.child(name) for name in supervisor.starts]
    if any(child is not None and child.phase is Phase.BACKOFF for child in wanted):
        return supervisor, []  # the delay of one holds for its group
    while supervisor.starts:
        child = supervisor.child(supervisor.starts[0])
        if child is not None and child.phase is Phase.STOPPED:
            return begin(supervisor, child, now_s)
        if child is not None and child.phase is Phase.STARTING:
            break  # the next one starts when this one is ready
        supervisor = replace(supervisor, starts=supervisor.starts[1:])
    return supervisor, []
