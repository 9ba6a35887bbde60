"""Logs that are followed: what grows, what is new, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ....workers.jobs.output import LOG_BYTES_MAX
from .opened import Opened
from .printing import Printer
from .rendering.pieces import Line
from .sources import Log, changed_at

LOOK_EVERY_S = 0.2
LIST_EVERY_S = 1.0  # new stories and attempts, whether it is over, and logs that have been at rest
WARM_S = 30.0  # a log that nobody has written to for so long is at rest
TURN_BYTES = 1 << 20  # of one log, before the others have their turn
BEHIND_BYTES_MAX = LOG_BYTES_MAX  # more than that unread is passed over ...
KEPT_BYTES = 1 << 20  # ... but for its end


class Follower:
    """Shows what comes; `found` lists the logs that there are now."""

    def __init__(self, found: Callable[[], Sequence[Log]], printer: Printer) -> None:
        self._found = found
        self._printer = printer
        self._logs: list[Log] = []
        self._warm: list[Log] = []  # those that are looked at every time
        self._opened: dict[Path, Opened] = {}

    def begin(self, log: Log, opened: Opened) -> None:
        """Know a log, and how far it was read."""
        self._logs.append(log)
        self._opened[log.path] = opened

    def follow(self, is_over: Callable[[], bool]) -> None:
        """Go on until it is over, and nothing is left to show."""
        listed_at = 0.0
        while True:
            has_ended = False
            if time.monotonic() - listed_at >= LIST_EVERY_S:
                has_ended = is_over()  # asked first: what is printed before the end is shown
                self._list()
                listed_at = time.monotonic()
            if self._show_new():
                continue
            if has_ended:
                self._show_rest()
                return
            time.sleep(LOOK_EVERY_S)

    def _list(self) -> None:
        new = [log for log in self._found() if log.path not in self._opened]
        self._printer.know(new)
        for log in new:
            self.begin(log, Opened(log.path))
        now = time.time()
        self._warm = [
            log
            for log in self._logs
            if self._opened[log.path].reader.is_behind or now - changed_at(log) < WARM_S
        ]

    def _show_new(self) -> bool:
        """Show a turn of each log; say whether one of them has more."""
        has_more = False
        for log in self._warm:
            opened = self._opened[log.path]
            if not opened.reader.is_behind:
                continue
            lines = [*self._passed_over(opened), *opened.lines(TURN_BYTES)]
            if lines:
                self._printer.show(log, lines)
            has_more = has_more or (opened.reader.is_behind and bool(lines))
        return has_more

    def _show_rest(self) -> None:
        for log in self._logs:
            self._printer.show(log, self._opened[log.path].rest())

    @staticmethod
    def _passed_over(opened: Opened) -> Iterator[Line]:
        unread = opened.reader.unread_bytes
        if unread > BEHIND_BYTES_MAX:
            opened.reader.skip_to(opened.reader.offset + unread - KEPT_BYTES)
            opened.reader.skip_line()
            text = f"... {unread - KEPT_BYTES:,} bytes were printed too fast to be shown"
            yield Line(text=text)
