"""Events on the standard output while the tree works, in colour on a terminal that wants it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol

from ..prd.defect import Defect, Severity
from ..shell.lines import line_of
from ..shell.storage.eventlog import Event


class Terminal(Protocol):
    """What we want of blessed.Terminal."""

    def green(self, text: str) -> str:
        """The text in green."""

    def red(self, text: str) -> str:
        """The text in red."""

    def yellow(self, text: str) -> str:
        """The text in yellow."""

    def cyan(self, text: str) -> str:
        """The text in cyan."""


_GOOD = frozenset({"merged", "prd_completed", "verified", "landed", "pushed"})
_BAD = frozenset(
    {
        *("story_failed", "prd_failed", "attempt_failed", "tampering", "prd_restarting"),
        *("not_landed", "not_pushed", "rolled_back", "not_rolled_back"),
    }
)


def printer() -> Callable[[Event], None]:
    """Make a function that prints events."""
    if not has_colour():
        return lambda event: say(line_of(event))
    return lambda event: say(_coloured(event))


def say(text: str) -> None:
    """Print; a terminal that was closed, or a reader that has gone, does not end a night's work."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for good


def show(text: str) -> None:
    """Print what was asked for; OSError where it cannot be, which ends the command."""
    print(text, flush=True)  # noqa: T201


def has_colour() -> bool:
    """Say whether the standard output is a terminal that wants colours (see no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def painted(defect: Defect) -> str:
    """A defect as it is shown on a terminal with colours."""
    first, *rest = str(defect).split("\n", 1)
    paint = {
        Severity.ERROR: _terminal().red,
        Severity.WARNING: _terminal().yellow,
        Severity.HINT: _terminal().cyan,
    }[defect.severity]
    return "\n".join((paint(first), *rest))


def _coloured(event: Event) -> str:
    line, kind = line_of(event), str(event["event"])
    if kind in _GOOD:
        return _terminal().green(line)
    return _terminal().red(line) if kind in _BAD else line


@cache
def _terminal() -> Terminal:
    """Make the terminal once; a root without one, as in a service, saves blessed's 5 MiB.

    With the standard output itself blessed would ask the terminal what it can do, and wait seconds
    for one that does not answer: root's loop stands still meanwhile. So it gets one of its own.
    """
    from blessed import Terminal as RealTerminal  # noqa: PLC0415

    stream = io.FileIO(sys.stdout.fileno(), "w", closefd=False)
    return RealTerminal(stream=io.TextIOWrapper(stream, encoding="utf-8"))
