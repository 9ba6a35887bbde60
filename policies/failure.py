"""What a failure is called, and what people can do about it.

Every failure that is told, in a result, a report or a log, has these four members.
"""

from __future__ import annotations

from msgspec import Struct


class Failure(Struct, frozen=True, kw_only=True):
    """One failure. `type` is a stable word for programs, `message` a line for people."""

    type: str
    message: str
    context: str = ""  # the end of what was printed, or what was found
    recovery_hints: tuple[str, ...] = ()  # each something that can be done, or that happens anyway
