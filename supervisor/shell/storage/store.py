"""Durable state: a journal of records behind a snapshot, in one folder, with one writer.

A record is acknowledged when `flush` has returned. Each line of the journal bears its own checksum
and number, so that a torn end is recognised and cut off, and a record that the snapshot already
holds is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from ....workers.process.syncing import sync_data
from ....workers.process.wire import encode
from ..shortages import FULL
from .atomic import write_all, write_atomically
from .conversion import AS_IT_IS, Conversion
from .found import SNAPSHOT, AnotherVersionError, Found, StoreError, look
from .history import keep_journal, newest_number
from .journal import JOURNAL, line_of
from .mending import mend

LONG_BYTES = 1 << 20  # a journal: some hundred stories; its successor reads it in a moment
LONG_SNAPSHOTS = 2  # or as many times its snapshot: what is large is not written all the time


class Stored(Struct, frozen=True, kw_only=True):
    """What a folder held: the snapshot's payload, and the records since, with their wall times."""

    payload: object | None
    records: tuple[tuple[object, float], ...]
    place: Path = Path(SNAPSHOT)  # of the snapshot

    def of_another_version(self, error: Exception) -> AnotherVersionError:
        """What to raise where the payload means nothing to us."""
        return AnotherVersionError(
            f"{self.place}: a snapshot of another version: {error}; use the version that wrote it"
        )


class Store:
    """The writer of a folder's state."""

    def __init__(self, folder: Path, kinds: Iterable[type]) -> None:
        self._folder = folder
        self._kinds = tuple(kinds)
        self._pending = bytearray()
        self._is_torn = False  # the end of the journal is half a record that could not be cut off
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = look(folder, self._kinds)
        mended = mend(folder, found)
        self.mended = mended.told  # what people should know of, a sentence each
        self.stored = _stored(folder, found)
        self._number = max(found.number, newest_number(folder))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(folder / JOURNAL, flags, 0o600)
        self._bytes = mended.good_bytes
        self._long_bytes = LONG_BYTES
        self._is_torn = not _cut(self._fd, self._bytes)

    @property
    def is_behind(self) -> bool:
        """Say whether records wait to be written."""
        return bool(self._pending)

    def append(self, record: object, *, at: float) -> None:
        """Add a record; it is not durable before the next flush."""
        self._number += 1
        self._pending += line_of(self._number, encode(record, at=at))

    def flush(self) -> None:
        """Make all records durable. On OSError none of the pending ones is, and all are kept."""
        if not self._pending:
            return
        if self._is_torn:  # nothing may be written behind half a record
            os.ftruncate(self._fd, self._bytes)
        try:
            self._is_torn = True
            write_all(self._fd, self._pending)
            sync_data(self._fd)
            self._is_torn = False
        except OSError:
            self._is_torn = not _cut(self._fd, self._bytes)
            raise
        self._bytes += len(self._pending)
        self._pending.clear()

    def compact(self, payload: object) -> int:
        """Write a snapshot of everything up to now and begin an empty journal; give its size.

        It saves time and room, and tells nothing new: on a full disk the journal goes on growing.
        """
        self.flush()
        self.stored = Stored(payload=None, records=())  # it is known, and may be much
        data = json.dumps({"number": self._number, "payload": payload}).encode()
        try:
            write_atomically(self._folder / SNAPSHOT, data, durable=True)
        except OSError as error:
            if error.errno in FULL:
                return 0
            raise
        if self._bytes == 0:
            return len(data)
        fresh = keep_journal(self._folder, self._number)
        # Else the journal goes on growing: what the snapshot has is passed over.
        if fresh is not None:
            os.close(self._fd)
            self._fd, self._bytes, self._is_torn = fresh, 0, False
        return len(data)

    def compact_if_long(self, payload_of: Callable[[Stored], object]) -> None:
        """Make a snapshot of what stands in the files, if the journal has become long.

        Where that cannot be, for want of room or because somebody was at the files, the journal
        goes on growing, and it is tried again when it has grown as much once more.
        """
        if self._bytes <= self._long_bytes or self._pending:
            return
        self._long_bytes = self._bytes + LONG_BYTES
        try:
            payload = payload_of(read(self._folder, self._kinds))
        except StoreError:
            return  # its next start will say so
        written = self.compact(payload)
        if self._bytes == 0:
            self._long_bytes = max(LONG_BYTES, LONG_SNAPSHOTS * written)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)


def read(folder: Path, kinds: Iterable[type], conversion: Conversion = AS_IT_IS) -> Stored:
    """Read a folder's state without changing it, also while its writer lives."""
    found = look(folder, tuple(kinds), conversion)
    if found.lost:
        raise found.refusal()
    return _stored(folder, found)


def read_leniently(
    folder: Path, kinds: Iterable[type], conversion: Conversion = AS_IT_IS
) -> tuple[Stored, StoreError | None]:
    """Read what can be read, and say what is lost: for who only looks."""
    found = look(folder, tuple(kinds), conversion)
    return _stored(folder, found), found.refusal() if found.lost else None


def _stored(folder: Path, found: Found) -> Stored:
    return Stored(payload=found.payload, records=found.records, place=folder / SNAPSHOT)


def _cut(fd: int, size: int) -> bool:
    """Cut off what stands behind `size`; say whether nothing does now."""
    try:
        if os.fstat(fd).st_size > size:
            os.ftruncate(fd, size)
    except OSError:
        return False
    return True
