"""Events on the standard output while the tree works, in colour on a terminal that wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import blessed

from .lines import Event, line_of

_GOOD = frozenset({"merged", "prd_completed", "verified"})
_BAD = frozenset({"story_failed", "prd_failed", "attempt_failed", "tampering", "prd_restarting"})


def printer() -> Callable[[Event], None]:
    """Make a function that prints events."""
    if not sys.stdout.isatty():
        return lambda event: say(line_of(event))
    return lambda event: say(_coloured(event))


def say(text: str) -> None:
    """Print; a terminal that was closed, or a reader that has gone, does not end a night's work."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for good


def _coloured(event: Event) -> str:
    line, kind = line_of(event), str(event["event"])
    if kind in _GOOD:
        return str(_terminal().green(line))
    return str(_terminal().red(line)) if kind in _BAD else line


@cache
def _terminal() -> blessed.Terminal:
    return blessed.Terminal()
