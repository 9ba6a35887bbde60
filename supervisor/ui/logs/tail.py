"""The last lines of what a story has printed, as people read it, without reading all of it."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from .opened import Opened
from .reading import LINE_BYTES_MAX
from .rendering.pieces import Line

FIRST_BYTES = 64 << 10  # looked at first; where that has too few lines, four times as much ...
MOST_BYTES = 16 << 20  # ... up to this


def last_lines(log: Path, count: int) -> tuple[str, ...]:
    """The last lines of a log, as people read them; none where it does not exist.

    It reads the log's end alone, so that it may be called once a second for each story at work.
    """
    opened, lines = tail(log, count)
    half = tuple(line for line in opened.rest() if not line.text.startswith("{"))  # of an event
    return tuple(line.text for line in (*lines, *half)[-count:]) if count > 0 else ()


def tail(log: Path, count: int) -> tuple[Opened, tuple[Line, ...]]:
    """The last whole lines, and the log for who wants to go on from there."""
    window = FIRST_BYTES
    while True:
        opened, lines, is_all = _end_of(log, count, window)
        if is_all or len(lines) >= count or window >= MOST_BYTES:
            return opened, lines
        window *= 4


def _end_of(log: Path, count: int, window: int) -> tuple[Opened, tuple[Line, ...], bool]:
    try:
        begin = max(0, log.stat().st_size - window)
    except OSError:
        return Opened(log), (), True
    opened = Opened(log, begin)
    if begin:
        opened.reader.skip_line()
    found = deque(opened.lines(window + LINE_BYTES_MAX), maxlen=count)
    return opened, tuple(found), begin == 0
