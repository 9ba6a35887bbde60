"""What a supervisor's notices say in the story of a child: an event's name and a line."""

from __future__ import annotations

from typing import assert_never

from ....policies.supervising.spec import ExitReason
from .commands import (
    ChildEnded,
    ChildGivenUp,
    ChildHeld,
    ChildNotice,
    ChildRestarting,
    ChildStarted,
    ChildUndead,
)


def fact_of(notice: ChildNotice) -> tuple[str, str]:
    """One notice, in words."""
    who = f"incarnation {notice.incarnation}"
    match notice:
        case ChildStarted():
            return "ready", f"{who} serves"
        case ChildRestarting():
            again = f"it is started again in {notice.delay_s:.1f} s"
            return "died", f"{who}: {_words(notice.reason)}; {again}"
        case ChildHeld():
            return "down", f"{who}: {_words(notice.reason)}; it is held, so it stays down"
        case ChildEnded():
            return "ended", f"{who}: {_words(notice.reason)}"
        case ChildGivenUp():
            return "given_up", f"{who}: {_words(notice.reason)}; it has used up its restarts"
        case ChildUndead():
            return "undead", f"{who}: killed, and not gone; nothing takes its place before it is"
        case _:
            assert_never(notice)


def _words(reason: ExitReason) -> str:
    return f"{reason.detail} ({reason.exit_class.value})"
