"""What a supervisor wants: effects for the shell, in the imperative, and notices for its owner."""

from __future__ import annotations

from dataclasses import dataclass

from ...policies.shutdown import Deadline
from ...policies.spec import ChildSpec, ExitReason
from .events import Alarm

# --- effects: the shell performs them -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawn:
    """Start the child's process; it answers with ChildReady or ChildExited."""

    spec: ChildSpec
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToStop:
    """Send Stop over the child's pipe."""

    child_id: str
    incarnation: int
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminate:
    """Send SIGTERM to the child's process."""

    child_id: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Send SIGKILL to the child's process."""

    child_id: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlarm:
    """Wake the child's supervisor at `at_s` (monotonic)."""

    child_id: str
    incarnation: int
    alarm: Alarm
    at_s: float


Effect = Spawn | AskToStop | Terminate | Kill | SetAlarm

# --- notices: the owner of the supervisor (root's or a PRD's core) draws its conclusions ---------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStarted:
    """A child is ready."""

    child_id: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRestarting:
    """A child died and comes back after the delay."""

    child_id: str
    incarnation: int  # of the dead one
    reason: ExitReason
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnded:
    """A child is gone and does not come back by itself."""

    child_id: str
    incarnation: int
    reason: ExitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildGivenUp:
    """A child used up its own restarts; its supervisor lives on."""

    child_id: str
    incarnation: int
    reason: ExitReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorEnded:
    """All children are gone; `burnt_out` if there were too many restarts (deviation D1)."""

    burnt_out: bool


Notice = ChildStarted | ChildRestarting | ChildEnded | ChildGivenUp | SupervisorEnded
