"""Reading the public event log from outside, rotated files included, while root may write it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, Self, TypeGuard

import msgspec

from .eventlog import KEPT_MAX, Event

CHUNK_BYTES = 1 << 18
LOOKS_MAX = 5  # while files are moved under our eyes
LINE_BYTES_MAX = 4 << 20  # an event with the history of a story has some hundred KiB at most


class EventReader:
    """Reads on from where it stood; it holds its file open, so that a rotation loses nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._half = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def is_cut(self) -> bool:
        """Say whether the oldest file that is kept is there, so that older ones may have gone."""
        return self._older(KEPT_MAX).exists()

    def old(self) -> list[Event]:
        """The events of the files that are full already, the oldest first."""
        return list(self.each_old())

    def new(self) -> list[Event]:
        """The events that have come since the last look; at first all of the file of today."""
        return list(self.each_new())

    def each_old(self, since_s: float = 0.0) -> Iterator[Event]:
        """The same as `old`, one by one; files that have nothing from then on are passed over.

        All are opened first, the newest before the others: no rotation moves one away meanwhile.
        """
        if self._file is None:
            self._open()
        known = set() if self._file is None else {_identity(self._file)}
        with ExitStack() as stack:
            files: list[BinaryIO] = []
            for number in range(1, KEPT_MAX + 1):
                with suppress(FileNotFoundError):
                    file = stack.enter_context(self._older(number).open("rb"))
                    if _identity(file) not in known:
                        files.append(file)
                        known.add(_identity(file))
            for old in reversed(files):
                if os.fstat(old.fileno()).st_mtime >= since_s:
                    yield from _events(_lines(old))

    def each_new(self) -> Iterator[Event]:
        """The same as `new`, one by one."""
        while True:
            if self._file is None and not self._open():
                return
            yield from self._read_on()
            following = self._following()
            if following is None:
                return
            yield from self._read_on()  # what came between our look and the rotation
            self._close()
            self._file = following

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:
            return False
        return True

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._half = None, b""

    def _read_on(self) -> Iterator[Event]:
        while self._file is not None and (chunk := self._file.read(CHUNK_BYTES)):
            *lines, self._half = (self._half + chunk).split(b"\n")
            if len(self._half) > LINE_BYTES_MAX:
                self._half = b""  # no event of ours: its end is none either
            yield from _events(lines)

    def _following(self) -> BinaryIO | None:
        """The file that came after ours; None while ours is the newest, or nobody can tell yet."""
        for _ in range(LOOKS_MAX):
            number = self._number()
            if number == 0:
                return None
            # Of those that were dropped meanwhile nobody can tell any more.
            for newer in range(number - 1, -1 if number > KEPT_MAX else number - 2, -1):
                with suppress(FileNotFoundError):
                    file = self._older(newer).open("rb")
                    if self._number() == number:
                        return file
                    file.close()  # all were moved on in between
                    break
        return None  # between two renames: the next look tells

    def _number(self) -> int:
        """By which number our file goes now: 0 is the newest; one more than all if it is gone."""
        ours = None if self._file is None else _identity(self._file)
        for number in range(KEPT_MAX + 1):
            with suppress(FileNotFoundError):
                found = self._older(number).stat()
                if (found.st_dev, found.st_ino) == ours:
                    return number
        return KEPT_MAX + 1

    def _older(self, number: int) -> Path:
        return self._path.with_suffix(f".jsonl.{number}") if number else self._path


def latest_events(path: Path, bytes_max: int) -> list[Event]:
    """The newest events, the oldest of them first: of so many bytes at the end of the log."""
    pieces: list[bytes] = []
    left = bytes_max
    for place in (path, path.with_suffix(".jsonl.1")):
        try:
            with place.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - left))
                pieces.append(file.read(left))
        except OSError:
            continue
        left -= len(pieces[-1])
        if left <= 0:
            break
    return list(_events(b"".join(reversed(pieces)).split(b"\n")))


def _identity(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE_BYTES_MAX):
        yield line


def _events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Yield what is an event; half a line of a full disk is none."""
    for line in lines:
        try:
            event = msgspec.json.decode(line)
        except (ValueError, RecursionError):
            continue
        if is_event(event):
            yield event


def is_event(told: object) -> TypeGuard[Event]:
    """Say whether this has what every event has."""
    return isinstance(told, dict) and {"at", "event", "prd", "story", "text"} <= told.keys()
