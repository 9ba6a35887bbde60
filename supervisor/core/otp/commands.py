"""What a supervisor wants: effects for the shell, in the imperative, and notices for its owner."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ....policies.supervising.shutdown import Deadline
from ....policies.supervising.spec import ChildSpec, ExitClass, ExitReason
from .events import Alarm

# --- effects: the shell performs them -----------------------------------------------------------


class Spawn(Struct, frozen=True, kw_only=True):
    """Start the child's process; it answers with ChildReady or ChildExited."""

    spec: ChildSpec
    incarnation: int


class AskToStop(Struct, frozen=True, kw_only=True):
    """Send Stop over the child's pipe."""

    child_id: str
    incarnation: int
    deadline: Deadline


class Terminate(Struct, frozen=True, kw_only=True):
    """Send SIGTERM to the child's process."""

    child_id: str
    incarnation: int


class Kill(Struct, frozen=True, kw_only=True):
    """Send SIGKILL to the child's process."""

    child_id: str
    incarnation: int


class SetAlarm(Struct, frozen=True, kw_only=True):
    """Wake the child's supervisor at `at_s` (monotonic)."""

    child_id: str
    incarnation: int
    alarm: Alarm
    at_s: float


Effect = Spawn | AskToStop | Terminate | Kill | SetAlarm

# --- notices: the owner of the supervisor (root's or a PRD's core) draws its conclusions ---------


class ChildStarted(Struct, frozen=True, kw_only=True):
    """A child is ready."""

    child_id: str
    incarnation: int


class ChildRestarting(Struct, frozen=True, kw_only=True):
    """A child died and comes back after the delay; one that its group took down, with its group."""

    child_id: str
    incarnation: int  # of the dead one
    reason: ExitReason
    delay_s: float


class ChildHeld(Struct, frozen=True, kw_only=True):
    """A child is gone that would come back if it were not held: it does when it is released."""

    child_id: str
    incarnation: int
    reason: ExitReason


class ChildEnded(Struct, frozen=True, kw_only=True):
    """A child is gone and does not come back by itself."""

    child_id: str
    incarnation: int
    reason: ExitReason


class ChildGivenUp(Struct, frozen=True, kw_only=True):
    """A child used up its own restarts; its supervisor lives on."""

    child_id: str
    incarnation: int
    reason: ExitReason


class ChildUndead(Struct, frozen=True, kw_only=True):
    """A child was sent SIGKILL and is not gone: nothing takes its place before it is (D6)."""

    child_id: str
    incarnation: int


class SupervisorStarted(Struct, frozen=True, kw_only=True):
    """The first children have all been started."""


STOPPED = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="stopped")


class SupervisorEnded(Struct, frozen=True, kw_only=True):
    """All children are gone, but the undead; `burnt_out` if there were too many restarts (D1).

    `reason` is what the supervisor ends with: stopped, its significant children are done, a first
    start failed, or the burn-out.
    """

    burnt_out: bool
    reason: ExitReason = STOPPED
    undead: tuple[str, ...] = ()


class Refusal(Enum):
    """Why a request comes to nothing, in OTP's words as far as it has them."""

    ALREADY_STARTED = "already_started"
    ALREADY_PRESENT = "already_present"
    RUNNING = "running"
    RESTARTING = "restarting"
    NOT_FOUND = "not_found"
    SIMPLE_ONE_FOR_ONE = "simple_one_for_one"  # not to be asked of a dynamic supervisor
    MAX_CHILDREN = "max_children"  # Elixir
    START_FAILED = "start_failed"  # OTP: the reason alone, which `detail` has
    INVALID = "invalid"  # flags or specs, `detail` says which and why
    HELD = "held"
    UNDEAD = "undead"
    STOPPING = "stopping"  # OTP: noproc


class Answered(Struct, frozen=True, kw_only=True):
    """What came of a request. A start without an incarnation was ignored by the child itself."""

    request: str
    refusal: Refusal | None = None
    detail: str = ""
    incarnation: int | None = None
    info: str = ""


ChildNotice = ChildStarted | ChildRestarting | ChildHeld | ChildEnded | ChildGivenUp | ChildUndead
Notice = ChildNotice | SupervisorStarted | SupervisorEnded | Answered
Command = Effect | Notice
