"""What happened to a supervisor: facts in the past tense, and what somebody asked of it.

Every fact about a child bears its incarnation, so that a late one is told by comparison. A request
with a name in `request` is answered by `Answered`, as OTP answers (requests.py); without one it is
its owner's own: nobody waits, and what OTP would refuse is an error of ours.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ....policies.supervising.shutdown import Deadline
from ....policies.supervising.spec import ChildSpec, ExitReason, Flags

# --- requests to the supervisor as a whole --------------------------------------------------------


class StartRequested(Struct, frozen=True, kw_only=True):
    """It is to start its first children, in order; if one fails, all end, and it with them."""

    specs: tuple[ChildSpec, ...]
    held: frozenset[str] = frozenset()  # these stay down until they are released


class StopRequested(Struct, frozen=True, kw_only=True):
    """The whole supervisor is to end until the deadline."""

    deadline: Deadline


class ReloadRequested(Struct, frozen=True, kw_only=True):
    """New flags and specs: who runs keeps running, who is new is not started (OTP code_change)."""

    flags: Flags
    specs: tuple[ChildSpec, ...] = ()
    request: str = ""


# --- requests about one child ---------------------------------------------------------------------


class ChildStartRequested(Struct, frozen=True, kw_only=True):
    """Somebody wants a new child; it goes last in the start order.

    Where an answer is wanted, a failed start is that answer. Else it is a death like any other.
    """

    spec: ChildSpec
    request: str = ""


class DynamicStartRequested(Struct, frozen=True, kw_only=True):
    """Somebody wants one more child of a dynamic supervisor's template, by this name."""

    child_id: str
    request: str = ""


class ChildStopRequested(Struct, frozen=True, kw_only=True):
    """Somebody wants this child to end, and not to come back (OTP terminate_child).

    With an incarnation: only that one, which may be gone already.
    """

    child_id: str
    deadline: Deadline
    incarnation: int | None = None
    request: str = ""


class ChildRestartRequested(Struct, frozen=True, kw_only=True):
    """Somebody wants a child that was stopped to start again."""

    child_id: str
    request: str = ""


class ChildDeleteRequested(Struct, frozen=True, kw_only=True):
    """Somebody wants the spec of a child that was stopped to be forgotten."""

    child_id: str
    request: str = ""


class ChildHoldRequested(Struct, frozen=True, kw_only=True):
    """Once this child is down, nothing starts it until it is released (D2)."""

    child_id: str
    request: str = ""


class ChildReleaseRequested(Struct, frozen=True, kw_only=True):
    """The child may start again, and does if only the hold kept it down."""

    child_id: str
    request: str = ""


Request = (
    ReloadRequested
    | ChildStartRequested
    | DynamicStartRequested
    | ChildStopRequested
    | ChildRestartRequested
    | ChildDeleteRequested
    | ChildHoldRequested
    | ChildReleaseRequested
)

# --- facts ----------------------------------------------------------------------------------------


class Alarm(Enum):
    """What a child's timer was set for."""

    START_OVERDUE = "start_overdue"  # it has not said Ready in time
    BACKOFF_OVER = "backoff_over"  # it may be started again
    TERMINATE_DUE = "terminate_due"  # it was asked to stop and has not
    KILL_DUE = "kill_due"  # neither did SIGTERM help
    GONE_OVERDUE = "gone_overdue"  # not even SIGKILL did, so far


class ChildReady(Struct, frozen=True, kw_only=True):
    """A child said that it serves its pipe; `info` goes to whoever asked for its start."""

    child_id: str
    incarnation: int
    info: str = ""


class ChildIgnored(Struct, frozen=True, kw_only=True):
    """A child said, instead of Ready, that there is nothing to do for it; it ends now."""

    child_id: str
    incarnation: int


class ChildKilled(Struct, frozen=True, kw_only=True):
    """The shell sent SIGKILL to a child for reasons of its own (a hang, a ceiling)."""

    child_id: str
    incarnation: int


class ChildExited(Struct, frozen=True, kw_only=True):
    """A child's process is gone and reaped, or could not be started at all."""

    child_id: str
    incarnation: int
    reason: ExitReason


class AlarmWentOff(Struct, frozen=True, kw_only=True):
    """A timer of a child ran out; the child may be long past what it was set for."""

    child_id: str
    incarnation: int
    alarm: Alarm


Fact = ChildReady | ChildIgnored | ChildKilled | ChildExited | AlarmWentOff
SupervisorEvent = StartRequested | StopRequested | Request | Fact
