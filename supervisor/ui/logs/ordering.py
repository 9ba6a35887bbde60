"""The lines of many logs in one order: that of time, as far as the logs tell it.

A log whose lines bear a moment (agents with events) gives them one by one. One whose lines bear
none (codex, verify commands) is a block, at the moment when it was begun.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from .rendering.pieces import Line
from .sources import Log, begun_at

BATCH_LINES = 256
Lines = Iterator[Line]


def in_order(streams: Sequence[tuple[Log, Lines]]) -> Iterator[tuple[Log, list[Line]]]:
    """Give lines in batches of one log; a log is not opened before its first line is due."""
    heap: list[tuple[float, int]] = []
    waiting: dict[int, Line] = {}
    for number, (log, _) in enumerate(streams):
        heap.append((begun_at(log), number))
    heapq.heapify(heap)
    while heap:
        moment, number = heapq.heappop(heap)
        until = heap[0] if heap else (float("inf"), 0)
        log, lines = streams[number]
        if number in waiting:
            lines = _after(waiting.pop(number), lines)
        batch: list[Line] = []
        for line in lines:
            moment = max(moment, line.at or moment)
            if (moment, number) > until:
                waiting[number] = line
                heapq.heappush(heap, (moment, number))
                break
            batch.append(line)
            if len(batch) >= BATCH_LINES:
                yield log, batch
                batch = []
        if batch:
            yield log, batch


def _after(line: Line, lines: Iterable[Line]) -> Lines:
    yield line
    yield from lines
