"""What any parent and any child say to each other."""

from __future__ import annotations

from msgspec import Struct


class Stop(Struct, frozen=True, kw_only=True):
    """End by yourself until `deadline_s`; what is kept must be kept by then."""

    deadline_s: float
    grace_s: float  # how long the whole stop may take; margins are fractions of it


class Ready(Struct, frozen=True, kw_only=True):
    """The child serves its pipe."""

    pid: int
    start_ticks: int


class Done(Struct, frozen=True, kw_only=True):
    """The last word before exit 0: without it, exit 0 is an abnormal end."""


class Heartbeat(Struct, frozen=True, kw_only=True):
    """The child's main loop turns; any other word of it shows as much."""


class Extend(Struct, frozen=True, kw_only=True):
    """The child's main loop is about to stand still for up to `for_s` seconds: that is no hang."""

    for_s: float
