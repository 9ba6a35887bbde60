"""Logs as they are, byte for byte."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import UsageError
from .following import LIST_EVERY_S, LOOK_EVERY_S
from .sources import Log, begun_at

CHUNK_BYTES = 1 << 20
# C0 but for tab and line ends, DEL; C1 and what turns the direction of writing, as UTF-8 has them.
_DRIVES = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r[^\n]|\xc2[\x80-\x9f]"
    rb"|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
)
_LONGEST_BYTES = 3
_REFUSED = (
    "this log has control sequences, which a terminal would obey: pipe it "
    "(`prd-supervise logs --raw ... | less -R`, or `> FILE`), or look at it without --raw"
)


class RawCopier:
    """Copies what comes of each log; to a terminal only what does not drive it."""

    def __init__(self, found: Callable[[], Sequence[Log]]) -> None:
        self._found = found
        self._offsets: dict[Path, int] = {}
        self._is_terminal = sys.stdout.isatty()
        self._before = b""  # the last bytes that were copied: a sequence may begin there

    def begin_at(self, log: Path, offset: int) -> None:
        """Pass over what stands before."""
        self._offsets[log] = offset

    def copy(self) -> bool:
        """Copy what has come since; say whether it was anything."""
        has_copied = False
        for log in sorted(self._found(), key=begun_at):
            offset = self._offsets.get(log.path, 0)
            self._offsets[log.path] = now = self._copied(log.path, offset)
            has_copied = has_copied or now != offset
        sys.stdout.buffer.flush()
        return has_copied

    def follow(self, is_over: Callable[[], bool]) -> None:
        """Go on until it is over."""
        asked_at = time.monotonic()
        while True:
            has_ended = False
            if time.monotonic() - asked_at >= LIST_EVERY_S:
                has_ended, asked_at = is_over(), time.monotonic()
            if self.copy():
                continue
            if has_ended:
                return
            time.sleep(LOOK_EVERY_S)

    def _copied(self, path: Path, offset: int) -> int:
        try:
            with path.open("rb", buffering=0) as file:
                if os.fstat(file.fileno()).st_size < offset:
                    offset = 0  # it was cut
                file.seek(offset)
                while chunk := file.read(CHUNK_BYTES):
                    self._check(chunk)
                    sys.stdout.buffer.write(chunk)
                    offset += len(chunk)
        except FileNotFoundError:
            return 0
        return offset

    def _check(self, chunk: bytes) -> None:
        if not self._is_terminal:
            return
        if _DRIVES.search(self._before + chunk):
            sys.stdout.buffer.flush()
            raise UsageError(_REFUSED)
        self._before = (self._before + chunk)[1 - _LONGEST_BYTES :]


def offset_of_last(path: Path, count: int) -> int:
    """Where the last lines of a log begin."""
    try:
        with path.open("rb", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            if count <= 0:
                return end
            place = end
            while place > 0:
                begin = max(0, place - CHUNK_BYTES)
                file.seek(begin)
                chunk = file.read(place - begin)
                if place == end and chunk.endswith(b"\n"):
                    chunk = chunk[:-1]
                found = chunk.count(b"\n")
                if found >= count:
                    return begin + _nth_last(chunk, count) + 1
                count -= found
                place = begin
    except FileNotFoundError:
        return 0
    return 0


def _nth_last(chunk: bytes, count: int) -> int:
    place = len(chunk)
    for _ in range(count):
        place = chunk.rfind(b"\n", 0, place)
    return place
