"""What every state of a supervisor, and every step to it, has to keep."""

from __future__ import annotations

from prd_supervise.policies.supervising.spec import AutoShutdown, ExitClass, Restart, Strategy
from prd_supervise.supervisor.core.otp import supervisor as core
from prd_supervise.supervisor.core.otp.child import Phase
from prd_supervise.supervisor.core.otp.commands import (
    AskToStop,
    ChildUndead,
    Command,
    Kill,
    Spawn,
    SupervisorEnded,
)
from prd_supervise.supervisor.core.otp.events import (
    Alarm,
    AlarmWentOff,
    ChildExited,
    ChildStopRequested,
    StopRequested,
    SupervisorEvent,
)
from prd_supervise.supervisor.core.otp.state import Supervisor
from tests.support.supervisor_points import AWAITED, Point, exits

NEVER = -1  # an incarnation that no child has


def check_state(point: Point) -> None:
    """What holds wherever it stands."""
    state = point.state
    known = {(each.child_id, each.incarnation) for each in state.children if each.is_alive}
    assert known == point.living or point.has_ended, "it is wrong about who lives"
    assert not point.has_ended or state.deadline is not None
    most = state.intensity.max_restarts
    assert len(state.restarted_at_s) <= most + state.burnt_out, "more restarts than allowed"
    for child in state.children:
        assert not (child.phase is Phase.BACKOFF and child.is_held), "what is held comes back"
        if state.deadline is not None:
            assert child.phase is not Phase.BACKOFF, "it stops, and somebody comes back"
    if point.has_ended:
        assert not point.unanswered, "it has ended and left a request without its answer"
        return
    if state.deadline is not None:
        assert point.living, "it stops, nobody lives, and it has not ended"
        asked = {each.child_id for each in state.children if each.is_stopping}
        assert asked, "it waits for an end that nobody was asked for"
    if not point.living and not point.alarms:
        assert not state.starts, "nothing will ever start who waits"
        assert not state.stop_groups
        assert not state.is_opening
        assert not point.unanswered, "nobody will ever answer"
    _check_what_is_late(point)


def _check_what_is_late(point: Point) -> None:
    state = point.state
    for child in state.children:
        for late in exits(child.child_id, NEVER):
            assert core.step(state, late, 0.0) == (state, [])
        for alarm in Alarm:
            if child.phase not in AWAITED[alarm] and alarm is not Alarm.TERMINATE_DUE:
                rung = AlarmWentOff(
                    child_id=child.child_id, incarnation=child.incarnation, alarm=alarm
                )
                assert core.step(state, rung, 0.0) == (state, []), "a late alarm does something"


def check_step(
    before: Point, event: SupervisorEvent, commands: list[Command], after: Point
) -> None:
    """What holds of this step."""
    for command in commands:
        match command:
            case Spawn():
                _check_spawn(before.state, after.state, command.spec.child_id)
            case AskToStop():
                _check_order_of_stop(before.state, event, after.state, command.child_id)
            case ChildUndead():
                assert isinstance(event, AlarmWentOff), "undead, and nobody waited for its end"
            case SupervisorEnded():
                assert not before.has_ended, "it ended twice"
                assert sorted(command.undead) == sorted(name for name, _ in after.living)
                assert command.burnt_out == after.state.burnt_out
            case _:
                pass
    _check_auto_shutdown(before.state, event, after.state)
    if isinstance(event, StopRequested):
        started = [each for each in commands if isinstance(each, Spawn)]
        assert not started
        kills = [each for each in commands if isinstance(each, Kill)]
        assert not kills, "it kills who has not been asked"


def _check_spawn(before: Supervisor, after: Supervisor, child_id: str) -> None:
    assert before.deadline is None, "a start after a stop began"
    child = after.child(child_id)
    assert child is not None
    assert not child.is_held, "what is held was started"
    if after.strategy is Strategy.ONE_FOR_ONE or child.spec.dynamic:
        return
    order = [each.child_id for each in after.children]
    earlier = set(order[: order.index(child_id)])
    assert not earlier & set(after.starts), "it starts before its turn"
    in_group = child_id in before.starts
    assert not (in_group and after.stop_groups), "it starts while its group still goes down"


def _check_order_of_stop(
    before: Supervisor, event: SupervisorEvent, after: Supervisor, child_id: str
) -> None:
    child = before.child(child_id)
    was_asked = child is not None and child.is_stopping
    if isinstance(event, ChildStopRequested) or was_asked:
        return  # alone, or hurried
    order = [each.child_id for each in after.children]
    at = order.index(child_id)
    still_to_go = [name for group in after.stop_groups[1:] for name in group]
    assert all(order.index(name) < at for name in still_to_go if name in order)


def _check_auto_shutdown(before: Supervisor, event: SupervisorEvent, after: Supervisor) -> None:
    """R6 for who ended by itself, normally and in service; nobody else takes it down."""
    if not isinstance(event, ChildExited) or event.reason.exit_class is not ExitClass.NORMAL:
        return
    child = before.child(event.child_id)
    if child is None or child.phase is not Phase.RUNNING or before.is_to_stop(event.child_id):
        return
    if child.spec.restart is Restart.PERMANENT:
        return
    up = {Phase.BACKOFF, Phase.HELD}
    others = any(
        each.spec.significant and (each.is_alive or each.phase in up)
        for each in after.children
        if each.child_id != child.child_id
    )
    ends = {
        AutoShutdown.NEVER: False,
        AutoShutdown.ANY_SIGNIFICANT: child.spec.significant,
        AutoShutdown.ALL_SIGNIFICANT: child.spec.significant and not others,
    }[before.auto_shutdown]
    assert (after.deadline is not None) == ends, "auto_shutdown"
