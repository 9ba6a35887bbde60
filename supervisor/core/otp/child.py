r"""One child's life.

    STARTING --ready--> RUNNING --exit--> BACKOFF --delay over--> STARTING
        \_________________|__stop__> STOPPING --exit--> STOPPED
                                        \__SIGKILL, and not gone__> UNDEAD --exit--> as before

Whether a child that exited is restarted is its supervisor's decision, not the child's.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from msgspec import Struct

from ....policies.supervising.restart import is_stable
from ....policies.supervising.shutdown import Deadline, deadline_from
from ....policies.supervising.spec import Cause, ChildSpec, Tally
from ....policies.values import replace
from .commands import AskToStop, Effect, Kill, SetAlarm, Spawn, Terminate
from .events import Alarm


class Phase(Enum):
    """Where in its life a child is."""

    STARTING = "starting"
    LEAVING = "leaving"  # it said that there is nothing to do for it, and ends
    RUNNING = "running"
    BACKOFF = "backoff"  # dead, and comes back
    STOPPING = "stopping"
    UNDEAD = "undead"  # killed, but not gone
    STOPPED = "stopped"  # no process, and none wanted
    HELD = "held"  # no process, and comes back when it is released
    FAILED = "failed"  # no process, and given up


TERMINATED_FOR = 1.5 / 60  # of the grace: from SIGTERM to SIGKILL
GONE_WITHIN_S = 5.0  # of SIGKILL: who is not gone then hangs in the kernel
GONE_WITHIN_S_LEAST = 1.0  # even when the tree's deadline is here

ALIVE = frozenset({Phase.STARTING, Phase.LEAVING, Phase.RUNNING, Phase.STOPPING, Phase.UNDEAD})


class Starter(Struct, frozen=True, kw_only=True):
    """Who waits for a child's start; if it fails, a new child is forgotten."""

    request: str
    is_new: bool


class Child(Struct, frozen=True, kw_only=True):
    """A child as its supervisor knows it. `failures` counts deaths since the last stable run."""

    spec: ChildSpec
    phase: Phase = Phase.STOPPED
    incarnation: int = 0
    restarts: Tally = Tally()
    failures: int = 0
    last_delay_s: float = 0.0
    ready_at_s: float | None = None
    is_held: bool = False
    killed_in: Phase | None = None  # of an undead one: what its end will mean
    starter: Starter | None = None
    stoppers: tuple[str, ...] = ()  # the requests that wait for its end

    def __hash__(self) -> int:
        """Tell most states apart quickly; equality looks at all."""
        return hash((self.spec.child_id, self.phase, self.incarnation, self.failures))

    @property
    def child_id(self) -> str:
        """The child's stable name."""
        return self.spec.child_id

    @property
    def is_alive(self) -> bool:
        """Say whether a process of it lives, as far as we know."""
        return self.phase in ALIVE

    @property
    def is_stopping(self) -> bool:
        """Say whether its end was asked for."""
        return Phase.STOPPING in {self.phase, self.killed_in}


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


def back_off(child: Child, cause: Cause, delay_s: float, now_s: float) -> Step:
    """Wait before the next incarnation."""
    waiting = replace(
        child,
        phase=Phase.BACKOFF,
        restarts=child.restarts.plus(cause),
        failures=child.failures + 1,
        last_delay_s=delay_s,
        ready_at_s=None,
        killed_in=None,
    )
    return waiting, [_alarm(waiting, Alarm.BACKOFF_OVER, now_s + delay_s)]


def forgiven(child: Child, now_s: float) -> Child:
    """Let backoff begin anew after a run that was stable."""
    if child.ready_at_s is None or not is_stable(now_s - child.ready_at_s, child.last_delay_s):
        return child
    return replace(child, failures=0, last_delay_s=0.0)


def begin_stop(child: Child, deadline: Deadline, now_s: float) -> Step:
    """Ask a living child to end; let one that only waits end at once."""
    match child.phase:
        case Phase.BACKOFF | Phase.STOPPED | Phase.HELD:
            return replace(child, phase=Phase.STOPPED), []
        case Phase.FAILED:
            return child, []
        case Phase.UNDEAD:  # there is nothing left to send
            return replace(child, killed_in=Phase.STOPPING), []
        case Phase.STARTING | Phase.LEAVING | Phase.RUNNING | Phase.STOPPING:
            return _ask(child, deadline, now_s)
        case _:
            assert_never(child.phase)


def went_off(child: Child, alarm: Alarm, now_s: float, deadline: Deadline | None) -> Step:
    """Act on a timer of this incarnation, if the child is still where it was set.

    `deadline` is the supervisor's own, if it is stopping.
    """
    match alarm, child.phase:
        case Alarm.BACKOFF_OVER, Phase.BACKOFF:
            return replace(child, phase=Phase.STOPPED), []  # its supervisor starts it
        case Alarm.START_OVERDUE, Phase.STARTING | Phase.LEAVING:
            return child, kill(child, now_s, deadline)
        case Alarm.TERMINATE_DUE, Phase.STOPPING:
            return child, [Terminate(child_id=child.child_id, incarnation=child.incarnation)]
        case Alarm.KILL_DUE, Phase.STOPPING:
            return child, kill(child, now_s, deadline)
        case (
            Alarm.GONE_OVERDUE,
            Phase.STARTING | Phase.LEAVING | Phase.RUNNING | Phase.STOPPING,
        ):
            return replace(child, phase=Phase.UNDEAD, killed_in=child.phase), []
        case _:
            return child, []  # late: the child has gone on since


def kill(child: Child, now_s: float, deadline: Deadline | None) -> list[Effect]:
    """Send SIGKILL, and look whether that helped."""
    killed = Kill(child_id=child.child_id, incarnation=child.incarnation)
    return [killed, expect_gone(child, now_s, deadline)]


def expect_gone(child: Child, now_s: float, deadline: Deadline | None) -> SetAlarm:
    """Wait for the end of a child that was sent SIGKILL: not for ever, nor past the deadline."""
    wait_s = GONE_WITHIN_S
    if deadline is not None:
        wait_s = min(wait_s, max(deadline.at_s - now_s, GONE_WITHIN_S_LEAST))
    return _alarm(child, Alarm.GONE_OVERDUE, now_s + wait_s)


def _own_deadline(child: Child, deadline: Deadline, now_s: float) -> Deadline:
    # D4: infinity is capped by the tree's deadline; a finite timeout may be shorter, never longer.
    timeout_s = child.spec.shutdown.timeout_s
    if timeout_s is None or now_s + timeout_s >= deadline.at_s:
        return deadline
    return deadline_from(now_s, timeout_s)


def _ask(child: Child, latest: Deadline, now_s: float) -> Step:
    stopping = replace(child, phase=Phase.STOPPING)
    deadline = _own_deadline(child, latest, now_s)
    if deadline.at_s <= now_s:  # OTP: brutal_kill
        return stopping, kill(stopping, now_s, latest)
    return stopping, [
        AskToStop(child_id=child.child_id, incarnation=child.incarnation, deadline=deadline),
        _alarm(stopping, Alarm.TERMINATE_DUE, deadline.before(child.spec.margin)),
        _alarm(stopping, Alarm.KILL_DUE, deadline.before(child.spec.margin - TERMINATED_FOR)),
    ]


def _alarm(child: Child, alarm: Alarm, at_s: float) -> SetAlarm:
    return SetAlarm(child_id=child.child_id, incarnation=child.incarnation, alarm=alarm, at_s=at_s)
