"""What was heard of a run so far, as far as it counts at its end."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from ....policies.usage import NO_USAGE, Usage
from ....policies.values import replace
from ..base import Activity, Event, LimitSeen, Retrying, Said, Session, Terminal, Used

ANSWER_CHARS_MAX = 64 << 10
_LINES_KEPT = 8  # of the program's own: an end is told in its last ones


class Heard(Struct, frozen=True, kw_only=True):
    """All of it; each event gives a new one."""

    session: str = ""
    usage: Usage = NO_USAGE
    turns: int = 0
    has_acted: bool = False  # its model has used a tool
    words: str = ""  # the last ones of its model
    terminal: Terminal | None = None
    limit: LimitSeen | None = None  # the last one that was rejected
    retrying: Retrying | None = None  # if that is all that it does
    said: Said | None = None  # the last error that was final
    lines: tuple[str, ...] = ()  # what else the program itself has said


def hear(heard: Heard, event: Event) -> Heard:
    """Take in one event."""
    match event:
        case Session():
            heard = replace(heard, session=event.session)
        case Activity():
            heard = _hear_activity(heard, event)
        case Retrying():
            heard = replace(heard, retrying=event)
        case LimitSeen():
            heard = replace(heard, limit=event if event.is_rejected else heard.limit)
        case Used():
            heard = replace(heard, usage=event.usage)
        case Said() if event.is_final:
            heard = replace(heard, said=event)
        case Said():
            heard = replace(heard, lines=(*heard.lines, event.text)[-_LINES_KEPT:])
        case Terminal():
            heard = replace(heard, terminal=event)
        case _:
            assert_never(event)
    return heard


def _hear_activity(heard: Heard, event: Activity) -> Heard:
    if event.is_turn:  # so neither a limit nor an error stood in its way
        heard = replace(heard, turns=heard.turns + 1, limit=None, said=None)
    return replace(
        heard,
        retrying=None,
        has_acted=heard.has_acted or bool(event.what),
        words=event.text[-ANSWER_CHARS_MAX:] or heard.words,
    )


def used(heard: Heard) -> Usage:
    """What it has used; a program that does not count its requests has made one a turn."""
    return replace(heard.usage, requests=heard.usage.requests or heard.turns)


def answer(heard: Heard) -> str:
    """Give the last thing that its model said."""
    if heard.terminal is not None and heard.terminal.is_ok and heard.terminal.text:
        return heard.terminal.text[-ANSWER_CHARS_MAX:]
    return heard.words
