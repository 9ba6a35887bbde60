"""Events on the standard output while the tree works, in colour on a terminal that wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from ..prd.defect import Defect, Severity
from ..shell.lines import line_of
from ..shell.storage.eventlog import Event
from .looks.event_kinds import priority_of, tone_of
from .looks.journal import is_journal, with_priority
from .looks.painting import toned, wants_colour
from .looks.rows import Tone

Say = Callable[[str], None]
_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.HINT: Tone.BUSY}


def say(text: str) -> None:
    """Print; a terminal that was closed, or a reader that has gone, does not end a night's work."""
    try:
        print(text, flush=True)  # noqa: T201
    except OSError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for good


def printer(say: Say = say) -> Callable[[Event], None]:
    """Make a function that prints events."""
    if is_journal(sys.stdout):
        return lambda event: say(journalled(event))
    if not wants_colour():
        return lambda event: say(line_of(event))
    return lambda event: say(toned(line_of(event), tone_of(event)))


def journalled(event: Event) -> str:
    """An event for the journal, which notes the time itself."""
    return with_priority(line_of(event, has_time=False), priority_of(event))


def show(text: str) -> None:
    """Print what was asked for; OSError where it cannot be, which ends the command."""
    print(text, flush=True)  # noqa: T201


def painted(defect: Defect) -> str:
    """A defect as it is shown on a terminal with colours."""
    first, *rest = str(defect).split("\n", 1)
    return "\n".join((toned(first, _TONES[defect.severity]), *rest))
