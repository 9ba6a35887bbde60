"""What happened to a supervisor: facts in the past tense, and what somebody asked of it.

Every fact about a child bears its incarnation, so that a late one is told by comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ...policies.shutdown import Deadline
from ...policies.spec import ChildSpec, ExitReason


class Alarm(Enum):
    """What a child's timer was set for."""

    START_OVERDUE = "start_overdue"  # it has not said Ready in time
    BACKOFF_OVER = "backoff_over"  # it may be started again
    TERMINATE_DUE = "terminate_due"  # it was asked to stop and has not
    KILL_DUE = "kill_due"  # neither did SIGTERM help


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStartRequested:
    """Somebody wants a new child; it goes last in the start order."""

    spec: ChildSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStopRequested:
    """Somebody wants this child to end, and not to come back."""

    child_id: str
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested:
    """The whole supervisor is to end until the deadline."""

    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReady:
    """A child said that it serves its pipe."""

    child_id: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildExited:
    """A child's process is gone and reaped, or could not be started at all."""

    child_id: str
    incarnation: int
    reason: ExitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmWentOff:
    """A timer of a child ran out; the child may be long past what it was set for."""

    child_id: str
    incarnation: int
    alarm: Alarm


SupervisorEvent = (
    ChildStartRequested
    | ChildStopRequested
    | StopRequested
    | ChildReady
    | ChildExited
    | AlarmWentOff
)
