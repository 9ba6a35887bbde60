"""What a root that a fatal signal has ended left in the log, as its successor finds it.

The interpreter's own handler, in C, writes to one file and no other, so the log has the stacks, and
the successor tells of them wherever it prints: in the journal of a service, say.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from ....workers.process.entry import dump_stacks_to_file
from ..lines import safe

TAIL_BYTES = 64 << 10
LINES_MAX = 60
_BEGINS = "--- root "  # the line with which each root begins in the log
_FATAL = "Fatal Python error: "  # faulthandler's first line


class Crash(Struct, frozen=True, kw_only=True):
    """How a root died, and where it stood then."""

    what: str
    stacks: tuple[str, ...]


def begin_log(log: Path) -> Crash | None:
    """Begin this root in the log; say what ended the one before, if that was a fatal signal.

    What ends this one will be found there as well.
    """
    before = crash_in(_tail(log))
    when = datetime.now(UTC).isoformat(timespec="seconds")
    with log.open("ab", buffering=0) as file:
        file.write(f"{_BEGINS}{os.getpid()} begins at {when}\n".encode())
    dump_stacks_to_file(str(log))
    return before


def crash_in(log: str) -> Crash | None:
    """What ended the root that began last in this end of a log; None if nothing fatal did."""
    last = log.rpartition(_BEGINS)[2]
    _, fatal, told = last.partition(_FATAL)
    if not fatal:
        return None
    what, *stacks = (safe(line) for line in told.splitlines()[:LINES_MAX])
    return Crash(what=what, stacks=tuple(line for line in stacks if line.strip()))


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
