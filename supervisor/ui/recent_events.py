"""The latest events, each told once, whether root sent them or they stand in the log."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from ..shell.storage.eventlog import Event
from ..shell.storage.eventreader import is_event, latest_events

TAIL_BYTES = 256 << 10
EVENTS_MAX = 1000
REMEMBERED_MAX = 4 * EVENTS_MAX  # more than the log is read for, whoever told them first

_Key = tuple[object, ...]


class RecentEvents:
    """Remembers what was told; the log is read where root could not be heard."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._told: dict[_Key, None] = {}
        self._new: deque[Event] = deque(maxlen=EVENTS_MAX)
        self._seen: object = None

    def add(self, event: object) -> None:
        """Note what root says, if it is an event."""
        if not is_event(event):
            return
        key = tuple(str(event[name]) for name in ("at", "event", "prd", "story", "text"))
        if key in self._told:
            return
        self._told[key] = None
        self._new.append(event)
        if len(self._told) > REMEMBERED_MAX:
            del self._told[next(iter(self._told))]

    def read(self) -> None:
        """Look into the log, if it has changed since."""
        try:
            found = self._log.stat()
        except OSError:
            return
        state = found.st_ino, found.st_size
        if state != self._seen:
            self._seen = state
            for event in latest_events(self._log, TAIL_BYTES)[-EVENTS_MAX:]:
                self.add(event)

    def take(self) -> tuple[Event, ...]:
        """Those that nobody has taken yet."""
        events = tuple(self._new)
        self._new.clear()
        return events
