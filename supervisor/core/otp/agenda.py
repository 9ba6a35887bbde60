"""What takes a supervisor several turns: groups of children are stopped, then others started.

Between two turns every other event is served, a stop first of all (OTP: "leaving control back to
gen_server before trying again").
"""

from __future__ import annotations

from collections.abc import Iterable

from ....policies.supervising.restart import affected_children
from ....policies.supervising.shutdown import Deadline, deadline_from, sooner
from ....policies.supervising.spec import ExitClass, ExitReason, Restart, Strategy
from ....policies.values import replace
from . import child as life
from .child import Child, Phase
from .commands import Command, SupervisorEnded, SupervisorStarted
from .state import Step, Supervisor, begin, ended, put, settle

_NOT_STARTED = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="stopped before its start")


def plan_group_restart(supervisor: Supervisor, child_id: str) -> Supervisor:
    """Plan who goes down and comes back with this child, by the strategy."""
    if supervisor.strategy is Strategy.ONE_FOR_ONE:
        return supervisor
    order = [child.child_id for child in supervisor.children]
    group = set(affected_children(supervisor.strategy, order, child_id))
    group.update(supervisor.starts, *supervisor.stop_groups)
    others = [each for each in supervisor.children if each.child_id in group - {child_id}]
    back = {each.child_id for each in others if _comes_back(supervisor, each)} | {child_id}
    return replace(
        supervisor,
        stop_groups=_stop_order(each for each in others if each.is_alive),
        starts=tuple(name for name in order if name in back),
    )


def _comes_back(supervisor: Supervisor, child: Child) -> bool:
    # OTP: also one that an administrator had stopped; a temporary one goes down and stays away.
    if child.spec.restart is Restart.TEMPORARY:
        return not child.is_alive  # it has not been up yet
    if child.spec.dynamic and child.is_stopping:  # with its group, or for good
        return child.child_id in supervisor.starts
    return child.phase is not Phase.FAILED


def plan_stop(supervisor: Supervisor, deadline: Deadline, now_s: float) -> Step:
    """Plan the end of all children; who is being stopped already learns of an earlier deadline."""
    earlier = sooner(supervisor.deadline, deadline)
    commands: list[Command] = []
    for child in supervisor.children:
        if child.phase is Phase.BACKOFF or (child.starter is not None and not child.is_alive):
            supervisor, notices = end_waiting(
                supervisor, child
            )  # at once: before its delay is over
            commands += notices
        elif child.phase is Phase.STOPPING and earlier != supervisor.deadline:
            _, effects = life.begin_stop(child, earlier, now_s)
            commands += effects
    groups = _stop_order(supervisor.children)
    stopping = replace(
        supervisor, deadline=earlier, stop_groups=groups, starts=(), is_opening=False
    )
    return stopping, commands


def end_waiting(supervisor: Supervisor, child: Child) -> Step:
    """End a child that waits for its start: nothing of it lives that could still exit."""
    return settle(supervisor, child), ended(child, _NOT_STARTED)


def _stop_order(children: Iterable[Child]) -> tuple[tuple[str, ...], ...]:
    """Reverse start order, one at a time; dynamic children that stand together go together."""
    groups: list[list[str]] = []
    was_dynamic = False
    for child in reversed(tuple(children)):
        if child.spec.dynamic and was_dynamic:
            groups[-1].append(child.child_id)
        else:
            groups.append([child.child_id])
        was_dynamic = child.spec.dynamic
    return tuple(tuple(group) for group in groups)


def start_in_turn(supervisor: Supervisor, child: Child, now_s: float) -> Step:
    """Start a child after all that are to start before it; a dynamic one has no such order.

    While its group is down nobody of it starts: it comes up with the group.
    """
    if not _is_preceded(supervisor, child):
        if not child.spec.dynamic:  # whoever comes after it waits for it
            supervisor = replace(supervisor, starts=(child.child_id, *supervisor.starts))
        return begin(supervisor, child, now_s)
    queued = put(supervisor, child)
    if child.child_id not in queued.starts:
        queued = replace(queued, starts=(*queued.starts, child.child_id))
    return advance(queued, [], now_s)


def _is_preceded(supervisor: Supervisor, child: Child) -> bool:
    """Say whether somebody is to come up, or to go down, before this child may start."""
    is_group_down = bool(supervisor.stop_groups) or _waits_for_delay(supervisor)
    if child.spec.dynamic and (supervisor.strategy is Strategy.ONE_FOR_ONE or not is_group_down):
        return False
    if supervisor.strategy is Strategy.ONE_FOR_ALL and is_group_down:
        return True
    waited_for = {*supervisor.starts}.union(*supervisor.stop_groups)
    for other in supervisor.children:  # in start order
        if other.child_id == child.child_id:
            return False
        if other.child_id in waited_for:
            return True
    return bool(waited_for)


def _waits_for_delay(supervisor: Supervisor) -> bool:
    wanted = (supervisor.child(name) for name in supervisor.starts)
    return any(child is not None and child.phase is Phase.BACKOFF for child in wanted)


def advance(supervisor: Supervisor, commands: list[Command], now_s: float) -> Step:
    """Do what can be done now, after `commands`."""
    if supervisor.is_over:
        return supervisor, commands
    if supervisor.stop_groups:
        supervisor, stops = _advance_stops(supervisor, now_s)
        commands = [*commands, *stops]
        if supervisor.stop_groups:
            return supervisor, commands
    if supervisor.deadline is not None:
        return replace(supervisor, is_over=True), [*commands, _ended(supervisor)]
    if supervisor.starts:
        supervisor, starts = _advance_starts(supervisor, now_s)
        commands = [*commands, *starts]
    if supervisor.is_opening and not supervisor.starts:
        return replace(supervisor, is_opening=False), [*commands, SupervisorStarted()]
    return supervisor, commands


def _ended(supervisor: Supervisor) -> SupervisorEnded:
    undead = tuple(child.child_id for child in supervisor.children if child.is_alive)
    return SupervisorEnded(burnt_out=supervisor.burnt_out, reason=supervisor.reason, undead=undead)


def _advance_stops(supervisor: Supervisor, now_s: float) -> Step:
    deadline = supervisor.deadline or deadline_from(now_s, supervisor.grace_s)
    commands: list[Command] = []
    while supervisor.stop_groups:
        group = supervisor.stop_groups[0]
        for child in (supervisor.child(name) for name in group):
            if child is not None and child.is_alive and child.phase is not Phase.STOPPING:
                stopped, effects = life.begin_stop(child, deadline, now_s)
                supervisor = put(supervisor, stopped)
                commands += effects
        if any(supervisor.waits_for(name) for name in group):
            break
        supervisor = replace(supervisor, stop_groups=supervisor.stop_groups[1:])
    return supervisor, commands


def _advance_starts(supervisor: Supervisor, now_s: float) -> Step:
    if _waits_for_delay(supervisor):
        return supervisor, []  # the delay of one holds for its group
    while supervisor.starts:
        child = supervisor.child(supervisor.starts[0])
        if child is not None and child.phase is Phase.STOPPED and not child.is_held:
            return begin(supervisor, child, now_s)
        if child is not None and child.is_alive and child.phase is not Phase.RUNNING:
            break  # the next one starts when this one is ready
        supervisor = replace(supervisor, starts=supervisor.starts[1:])
    return supervisor, []
