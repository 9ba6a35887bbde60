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

from ....workers.process.wire import WireError, decoder, encode
from ..shortages import FULL
from .conversion import AS_IT_IS, Conversion
from .history import keep_journal, newest_number
from .journal import JOURNAL, checked, line_of
from .migrations.migration import MigrationError

SNAPSHOT = "snapshot.json"


class StoreError(Exception):
    """The state on disk cannot be trusted; the text names file and line, and what to do."""


class AnotherVersionError(StoreError):
    """The state is whole, and this program is not the one for it; the text says which is."""


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


class _Journal(Struct, frozen=True, kw_only=True):
    entries: tuple[tuple[int, object, float], ...]
    good_bytes: int


class Store:
    """The writer of a folder's state."""

    def __init__(self, folder: Path, kinds: Iterable[type]) -> None:
        self._folder = folder
        self._kinds = tuple(kinds)
        self._pending = bytearray()
        self._is_torn = False  # the end of the journal is half a record that could not be cut off
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.stored, number, good_bytes = _load(folder, self._kinds)
        self._number = max(number, newest_number(folder))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(folder / JOURNAL, flags, 0o600)
        self._bytes = good_bytes
        self._is_torn = not _cut(self._fd, good_bytes)

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
            _write_all(self._fd, self._pending)
            _sync(self._fd)
            self._is_torn = False
        except OSError:
            self._is_torn = not _cut(self._fd, self._bytes)
            raise
        self._bytes += len(self._pending)
        self._pending.clear()

    def compact(self, payload: object) -> None:
        """Write a snapshot of everything up to now and begin an empty journal.

        It saves time and room, and tells nothing new: on a full disk the journal goes on growing.
        """
        self.flush()
        data = json.dumps({"number": self._number, "payload": payload}).encode()
        try:
            write_atomically(self._folder / SNAPSHOT, data, durable=True)
        except OSError as error:
            if error.errno in FULL:
                return
            raise
        if self._bytes == 0:
            return
        fresh = keep_journal(self._folder, self._number)
        if fresh is None:
            return  # what the snapshot holds is passed over, and the journal goes on growing
        os.close(self._fd)
        self._fd, self._bytes, self._is_torn = fresh, 0, False

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)


def read(folder: Path, kinds: Iterable[type], conversion: Conversion = AS_IT_IS) -> Stored:
    """Read a folder's state without changing it, also while its writer lives."""
    return _load(folder, tuple(kinds), conversion)[0]


def _load(
    folder: Path, kinds: tuple[type, ...], conversion: Conversion = AS_IT_IS
) -> tuple[Stored, int, int]:
    # The journal first: if its writer compacts in between, the snapshot holds what it held.
    journal = _read_journal(folder / JOURNAL, conversion.decoder(decoder(kinds)))
    since, payload = _read_snapshot(folder / SNAPSHOT)
    if payload is not None and conversion.payload is not None:
        try:
            payload = conversion.payload(payload)
        except MigrationError as error:
            raise StoreError(f"{folder / SNAPSHOT}: {error}") from error
    entries = [entry for entry in journal.entries if entry[0] > since]
    records = tuple((record, at) for _, record, at in entries)
    stored = Stored(payload=payload, records=records, place=folder / SNAPSHOT)
    return stored, entries[-1][0] if entries else since, journal.good_bytes


def _read_snapshot(path: Path) -> tuple[int, object]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return 0, None
    except ValueError as error:
        raise StoreError(f"{path}: not a snapshot: {error}; move it away to begin anew") from error
    number = found.get("number") if isinstance(found, dict) else None
    if not isinstance(number, int) or "payload" not in found:
        raise StoreError(f"{path}: not a snapshot; move it away to begin anew")
    return number, found["payload"]


def _read_journal(path: Path, decode: Callable[[bytes], tuple[object, float]]) -> _Journal:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return _Journal(entries=(), good_bytes=0)
    entries: list[tuple[int, object, float]] = []
    good_bytes = 0
    for index, line in enumerate(lines[:-1]):  # behind the last newline stands what was torn
        numbered = checked(line)
        if numbered is None:
            if any(checked(later) for later in lines[index + 1 : -1]):
                raise StoreError(
                    f"{path}:{index + 1}: a damaged record with good ones after it; "
                    "move the file away to begin from the last snapshot"
                )
            break
        number, data = numbered
        try:
            record, at = decode(data)
        except (WireError, MigrationError) as error:
            # Written whole, so it was acknowledged: it must not be cut off as if it were torn.
            raise AnotherVersionError(
                f"{path}:{index + 1}: a record of another version: {error}; "
                "use the version that wrote it, or move the file away"
            ) from error
        entries.append((number, record, at))
        good_bytes += len(line) + 1
    return _Journal(entries=tuple(entries), good_bytes=good_bytes)


def write_atomically(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Replace a file as a whole: a reader sees the old one or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _write_all(fd, data)
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)
    temporary.replace(path)
    if durable:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write_all(fd: int, data: bytes | bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _cut(fd: int, size: int) -> bool:
    """Cut off what stands behind `size`; say whether nothing does now."""
    try:
        if os.fstat(fd).st_size > size:
            os.ftruncate(fd, size)
    except OSError:
        return False
    return True


def _sync(fd: int) -> None:
    # macOS has no fdatasync; its fsync leaves the data in the drive's cache.
    if hasattr(os, "fdatasync"):
        os.fdatasync(fd)
    else:
        os.fsync(fd)
