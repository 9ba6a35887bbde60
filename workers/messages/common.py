"""What any parent and any child say to each other."""

from __future__ import annotations

from ...policies.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End by yourself until `deadline_s`; what is kept must be kept by then."""

    deadline_s: float
    grace_s: float  # how long the whole stop may take; margins are fractions of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The child serves its pipe."""

    pid: int
    start_ticks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The last word before exit 0: without it, exit 0 is an abnormal end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The child's main loop turns; any other word of it shows as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """The child's main loop is about to stand still for up to `for_s` seconds: that is no hang."""

    for_s: float
