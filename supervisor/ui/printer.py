"""Events on the standard output while the tree works, in colour on a terminal that wants it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

import blessed

from .lines import Event, line_of

_GOOD = frozenset({"merged", "prd_completed", "verified"})
_BAD = frozenset({"story_failed", "prd_failed", "attempt_failed", "tampering", "prd_restarting"})


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
