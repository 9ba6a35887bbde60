r"""One child's life.

    STARTING --ready--> RUNNING --exit--> BACKOFF --delay over--> STARTING
        \_________________|__stop__> STOPPING --exit--> STOPPED

Whether a child that exited is restarted is its supervisor's decision, not the child's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from ...policies.shutdown import Deadline, deadline_from
from ...policies.spec import ChildSpec
from .commands import AskToStop, Effect, Kill, SetAlarm, Spawn, Terminate
from .events import Alarm


class Phase(Enum):
    """Where in its life a child is."""

    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"  # dead, and comes back
    STOPPING = "stopping"
    STOPPED = "stopped"  # no process, and none wanted
    FAILED = "failed"  # no process, and given up


TERMINATED_FOR = 1.5 / 60  # of the grace: from SIGTERM to SIGKILL

ALIVE = frozenset({Phase.STARTING, Phase.RUNNING, Phase.STOPPING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child as its supervisor knows it. `failures` counts deaths since the last stable run."""

    spec: ChildSpec
    phase: Phase = Phase.STOPPED
    incarnation: int = 0
    restarts: int = 0
    failures: int = 0
    ready_at_s: float | None = None

    @property
    def child_id(self) -> str:
        """The child's stable name."""
        return self.spec.child_id

    @property
    def is_alive(self) -> bool:
        """Say whether a process of it lives, as far as we know."""
        return self.phase in ALIVE


Step = tuple[Child, list[Effect]]


def start(child: Child, incarnation: int, now_s: float) -> Step:
    """Begin an incarnation; its number is used once in the life of the supervisor."""
    born = replace(child, phase=Phase.STARTING, incarnation=incarnation, ready_at_s=None)
    overdue_s = now_s + child.spec.start_timeout_s
    return born, [
        Spawn(spec=born.spec, incarnation=born.incarnation),
        _alarm(born, Alarm.START_OVERDUE, overdue_s),
    ]


def is_ready(child: Child, now_s: float) -> Child:
    """Take the child's Ready; one that is being stopped stays so."""
    if child.phase is Phase.STARTING:
        return replace(child, phase=Phase.RUNNING, ready_at_s=now_s)
    return child


def back_off(child: Child, delay_s: float, now_s: float) -> Step:
    """Wait before the next incarnation."""
    waiting = replace(
        child,
        phase=Phase.BACKOFF,
        restarts=child.restarts + 1,
        failures=child.failures + 1,
        ready_at_s=None,
    )
    return waiting, [_alarm(waiting, Alarm.BACKOFF_OVER, now_s + delay_s)]


def begin_stop(child: Child, deadline: Deadline, now_s: float) -> Step:
    """Ask a living child to end; let one that only waits end at once."""
    match child.phase:
        case Phase.BACKOFF | Phase.STOPPED:
            return replace(child, phase=Phase.STOPPED), []
        case Phase.FAILED:
            return child, []
        case Phase.STARTING | Phase.RUNNING | Phase.STOPPING:
            return _ask(child, _own_deadline(child, deadline, now_s), now_s)
        case _:
            assert_never(child.phase)


def went_off(child: Child, alarm: Alarm) -> Step:
    """Act on a timer of this incarnation, if the child is still where it was set."""
    match alarm, child.phase:
        case Alarm.BACKOFF_OVER, Phase.BACKOFF:
            return replace(child, phase=Phase.STOPPED), []  # its supervisor starts it
        case Alarm.START_OVERDUE, Phase.STARTING:
            return child, [_kill(child)]
        case Alarm.TERMINATE_DUE, Phase.STOPPING:
            return child, [Terminate(child_id=child.child_id, incarnation=child.incarnation)]
        case Alarm.KILL_DUE, Phase.STOPPING:
            return child, [_kill(child)]
        case _:
            return child, []  # late: the child has gone on since


def _own_deadline(child: Child, deadline: Deadline, now_s: float) -> Deadline:
    # D4: infinity is capped by the tree's deadline; a finite timeout may be shorter, never longer.
    timeout_s = child.spec.shutdown.timeout_s
    if timeout_s is None or now_s + timeout_s >= deadline.at_s:
        return deadline
    return deadline_from(now_s, timeout_s)


def _ask(child: Child, deadline: Deadline, now_s: float) -> Step:
    stopping = replace(child, phase=Phase.STOPPING)
    if deadline.at_s <= now_s:  # OTP: brutal_kill
        return stopping, [_kill(stopping)]
    return stopping, [
        AskToStop(child_id=child.child_id, incarnation=child.incarnation, deadline=deadline),
        _alarm(stopping, Alarm.TERMINATE_DUE, deadline.before(child.spec.margin)),
        _alarm(stopping, Alarm.KILL_DUE, deadline.before(child.spec.margin - TERMINATED_FOR)),
    ]


def _alarm(child: Child, alarm: Alarm, at_s: float) -> SetAlarm:
    return SetAlarm(child_id=child.child_id, incarnation=child.incarnation, alarm=alarm, at_s=at_s)


def _kill(child: Child) -> Kill:
    return Kill(child_id=child.child_id, incarnation=child.incarnation)
