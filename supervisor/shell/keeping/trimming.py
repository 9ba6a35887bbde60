"""Logs that processes write into directly, and nobody could rotate under their hands."""

from __future__ import annotations

import os
from pathlib import Path

from ..storage.atomic import write_atomically

BYTES_MAX = 8 << 20
KEPT_BYTES = 1 << 20  # of its end, beside it


def trim(log: Path) -> bool:
    """Empty a log that has become long, its end kept as `LOG.1`; say whether that was so.

    Its writers append, so they go on at its beginning. OSError where there is no room.
    """
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size <= BYTES_MAX:
                return False
            file.seek(max(0, size - KEPT_BYTES))
            end = file.read()
    except FileNotFoundError:
        return False
    write_atomically(log.with_name(f"{log.name}.1"), end.partition(b"\n")[2])
    os.truncate(log, 0)
    return True
