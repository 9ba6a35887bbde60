"""What happened to a supervisor: facts in the past tense, and what somebody asked of it.

Every fact about a child bears its incarnation, so that a late one is told by comparison. A request
with a name in `request` is answered by `Answered`, as OTP answers (requests.py); without one it is
its owner's own: nobody waits, and what OTP would refuse is an error of ours.
"""

from __future__ import annotations

from enum import Enum

from ....policies.shutdown import Deadline
from ....policies.spec import ChildSpec, ExitReason, Flags
from ....policies.values import dataclass

# --- requests to the supervisor as a whole --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequested:
    """It is to start its first children, in order; if one fails, all end, and it with them."""

    specs: tuple[ChildSpec, ...]
    held: frozenset[str] = frozenset()  # these stay down until they are released


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested:
    """The whole supervisor is to end until the deadline."""

    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadRequested:
    """New flags and specs: who runs keeps running, who is new is not started (OTP code_change)."""

    flags: Flags
    specs: tuple[ChildSpec, ...] = ()
    request: str = ""


# --- requests about one child ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStartRequested:
    """Somebody wants a new child; it goes last in the start order.

    Where an answer is wanted, a failed start is that answer. Else it is a death like any other.
    """

    spec: ChildSpec
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicStartRequested:
    """Somebody wants one more child of a dynamic supervisor's template, by this name."""

    child_id: str
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildStopRequested:
    """Somebody wants this child to end, and not to come back (OTP terminate_child).

    With an incarnation: only that one, which may be gone already.
    """

    child_id: str
    deadline: Deadline
    incarnation: int | None = None
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRestartRequested:
    """Somebody wants a child that was stopped to start again."""

    child_id: str
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildDeleteRequested:
    """Somebody wants the spec of a child that was stopped to be forgotten."""

    child_id: str
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHoldRequested:
    """Once this child is down, nothing starts it until it is released (D2)."""

    child_id: str
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReleaseRequested:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReady:
    """A child said that it serves its pipe; `info` goes to whoever asked for its start."""

    child_id: str
    incarnation: int
    info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildIgnored:
    """A child said, instead of Ready, that there is nothing to do for it; it ends now."""

    child_id: str
    incarnation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildKilled:
    """The shell sent SIGKILL to a child for reasons of its own (a hang, a ceiling)."""

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


Fact = ChildReady | ChildIgnored | ChildKilled | ChildExited | AlarmWentOff
SupervisorEvent = StartRequested | StopRequested | Request | Fact
