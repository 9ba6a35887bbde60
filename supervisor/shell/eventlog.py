"""The public event log: one JSON object a line, rotated by size."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

EVENT_VERSION = 1
BYTES_MAX = 10 << 20
KEPT_MAX = 3

Event = dict[str, object]


class EventLog:
    """Writes events and passes each on to whoever listens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.listeners: list[Callable[[Event], None]] = []

    def tell(
        self, event: str, text: str, *, prd_id: str = "", story_id: str = "", attempt: int = 0
    ) -> None:
        """Write one event; on a full disk it is only passed on."""
        told: Event = {
            "v": EVENT_VERSION,
            "at": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "prd": prd_id or None,
            "story": story_id or None,
            "attempt": attempt or None,
            "text": text,
        }
        with contextlib.suppress(OSError):
            self._write(json.dumps(told, ensure_ascii=False) + "\n")
        for listener in tuple(self.listeners):
            listener(told)

    def _write(self, line: str) -> None:
        if self._path.exists() and self._path.stat().st_size > BYTES_MAX:
            self._rotate()
        with self._path.open("ab+", buffering=0) as file:
            # Half a line, of a full disk or of a root that was killed, must not spoil this one.
            if file.seek(0, os.SEEK_END) and _last_byte(file) != b"\n":
                line = "\n" + line
            file.write(line.encode(errors="backslashreplace"))

    def _rotate(self) -> None:
        for number in range(KEPT_MAX - 1, 0, -1):
            older = self._path.with_suffix(f".jsonl.{number}")
            if older.exists():
                older.replace(self._path.with_suffix(f".jsonl.{number + 1}"))
        self._path.replace(self._path.with_suffix(".jsonl.1"))


def _last_byte(file: io.FileIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)
