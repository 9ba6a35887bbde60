"""The public event log: one JSON object a line, rotated by size."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import asdict

from ....policies.outcomes.failure import Failure
from ....workers.messages.prd import Happened
from .found import StoreError

EVENT_VERSION = 1
BYTES_MAX = 10 << 20
KEPT_MAX = 3

Event = dict[str, object]


# The story of who has come to such an end stands in the event itself.
ENDS = frozenset({"story_failed", "prd_failed", "prd_restarting"})

StoryOf = Callable[[str, str], Sequence[str]]  # of a PRD and a story in it, or of the PRD


def event_of(
    event: str, text: str, *, at: float, prd_id: str = "", story_id: str = "", attempt: int = 0
) -> Event:
    """An event in its public form."""
    return {
        "v": EVENT_VERSION,
        "at": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "prd": prd_id or None,
        "story": story_id or None,
        "attempt": attempt or None,
        "text": text,
    }


def with_failure(event: Event, failure: Failure | None) -> Event:
    """Say what failed as data, too."""
    return event if failure is None else event | {"failure": asdict(failure)}


class EventLog:
    """Writes events and passes each on to whoever listens."""

    def __init__(self, path: Path, story_of: StoryOf | None = None) -> None:
        self._path = path
        self._story_of = story_of
        self.listeners: list[Callable[[Event], None]] = []

    def tell(
        self, event: str, text: str, *, prd_id: str = "", story_id: str = "", attempt: int = 0
    ) -> None:
        """Write one event; on a full disk it is only passed on."""
        at = time.time()
        self._publish(
            event_of(event, text, at=at, prd_id=prd_id, story_id=story_id, attempt=attempt)
        )

    def pass_on(self, happened: Happened, prd_id: str) -> None:
        """Write what a PRD supervisor tells."""
        told = event_of(
            happened.event,
            happened.text,
            at=time.time(),
            prd_id=prd_id,
            story_id=happened.story_id,
            attempt=happened.attempt,
        )
        self._publish(with_failure(told, happened.failure))

    def _publish(self, told: Event) -> None:
        if told["event"] in ENDS and self._story_of is not None:
            prd_id, story_id = str(told["prd"] or ""), str(told["story"] or "")
            with contextlib.suppress(
                OSError, StoreError
            ):  # the event itself must be told in any case
                told["history"] = list(self._story_of(prd_id, story_id))
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
