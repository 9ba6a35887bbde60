"""Events as lines: what `start`, `events` and the demo print while the tree works."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache

import blessed

Event = dict[str, object]

_GOOD = frozenset({"merged", "prd_completed", "verified"})
_BAD = frozenset({"story_failed", "prd_failed", "attempt_failed", "tampering", "prd_restarting"})


def line_of(event: Event) -> str:
    """One event as one line of plain text."""
    at = datetime.fromisoformat(str(event["at"])).astimezone()
    where = str(event["prd"] or "root")
    if event["story"]:
        where += f"/{event['story']}"
    words = str(event["event"]).replace("_", " ")
    return f"{at:%H:%M:%S}  {where:<18}  {words:<16}  {safe(str(event['text']))}".rstrip()


def safe(text: str) -> str:
    """The text without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def printer() -> Callable[[Event], None]:
    """Make a function that prints events, in colour on a terminal that wants it."""
    if not sys.stdout.isatty():
        return lambda event: print(line_of(event), flush=True)  # noqa: T201
    return lambda event: print(_coloured(event), flush=True)  # noqa: T201


def _coloured(event: Event) -> str:
    line, kind = line_of(event), str(event["event"])
    if kind in _GOOD:
        return str(_terminal().green(line))
    return str(_terminal().red(line)) if kind in _BAD else line


@cache
def _terminal() -> blessed.Terminal:
    return blessed.Terminal()
