"""The end of what a story has printed, as people read it."""

from __future__ import annotations

import os
from pathlib import Path

from ...shell.lines import safe

TAIL_BYTES = 64 << 10


def last_lines(log: Path, count: int) -> tuple[str, ...]:
    """The last lines of a log, without control characters; none where it does not exist."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            data = file.read(TAIL_BYTES)
    except OSError:
        return ()
    lines = data.decode(errors="replace").splitlines()
    return tuple(safe(line) for line in lines[-count:])
