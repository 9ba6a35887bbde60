"""A log's lines as they are needed, with bounded memory, while somebody writes it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ....workers.jobs.output import KEPT_BYTES

CHUNK_BYTES = 1 << 18
LINE_BYTES_MAX = 1 << 20  # kept of one line; what is more of it is counted
_CUT = re.compile(rb"\n\[prd-supervise: (\d{1,20}) bytes of output were cut here; [^\n]{0,100}\n")
_CUT_BYTES_MAX = 256
_GONE = -1


class Reader:
    """Reads on from where it stood. A log that was cut, emptied or replaced is noticed."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset  # of the next byte to be read
        self._inode = 0
        self._line = b""  # the begin of one that has not ended
        self._left_out = 0  # bytes of it that are not kept
        self._is_half = False  # its begin was passed over: it is no line

    @property
    def is_behind(self) -> bool:
        """Say whether there is more to read, or the log is another one."""
        return self.unread_bytes != 0

    @property
    def unread_bytes(self) -> int:
        """How much there is to read; negative where the log has become shorter."""
        try:
            found = self.path.stat()
        except OSError:
            self._inode = _GONE  # the next one is another, whatever its number is
            return 0
        is_another = self._inode and found.st_ino != self._inode
        return found.st_size or -1 if is_another else found.st_size - self.offset

    def lines(self, bytes_max: int | None = None) -> Iterator[bytes]:
        """The whole lines that have come since, of so many bytes at most."""
        try:
            with self.path.open("rb", buffering=0) as file:
                yield from self._read(file, bytes_max)
        except FileNotFoundError:
            return

    def rest(self) -> Iterator[bytes]:
        """The last line, though it has not ended."""
        if self._line:
            yield from self._ended(b"")

    def skip_to(self, offset: int) -> int:
        """Pass over what stands before; say how much it was."""
        passed, self.offset = offset - self.offset, offset
        self._line, self._left_out, self._is_half = b"", 0, False
        return passed

    def skip_line(self) -> None:
        """Pass over what comes until a line begins: we stand in the middle of one."""
        self._is_half = True

    def _read(self, file: BinaryIO, bytes_max: int | None) -> Iterator[bytes]:
        found = os.fstat(file.fileno())
        if self._inode not in {0, found.st_ino}:
            self.skip_to(0)  # it was replaced
        elif found.st_size < self.offset:
            self.skip_to(_place_after_a_cut(file, self.offset))
        self._inode = found.st_ino
        file.seek(self.offset)
        left = bytes_max
        while left is None or left > 0:
            chunk = file.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
            if not chunk:
                return
            self.offset += len(chunk)
            left = None if left is None else left - len(chunk)
            yield from self._lines_of(chunk)

    def _lines_of(self, chunk: bytes) -> Iterator[bytes]:
        first, *others = chunk.split(b"\n")
        if not others:
            self._keep(first)
            return
        yield from self._ended(first)
        self._line = others.pop()
        yield from others

    def _keep(self, part: bytes) -> None:
        kept = part[: max(0, LINE_BYTES_MAX - len(self._line))]
        self._line += kept
        self._left_out += len(part) - len(kept)

    def _ended(self, part: bytes) -> Iterator[bytes]:
        self._keep(part)
        line, left_out, is_half = self._line, self._left_out, self._is_half
        self._line, self._left_out, self._is_half = b"", 0, False
        if is_half:
            return
        yield line
        if left_out:
            yield b"... (and %d bytes more of that line: --raw shows them)" % left_out


def _place_after_a_cut(file: BinaryIO, offset: int) -> int:
    """Where to go on in a log that is shorter than what was read of it.

    One that grew too large was cut in its middle: its end stands behind a note of how much went.
    """
    file.seek(KEPT_BYTES)
    note = _CUT.match(file.read(_CUT_BYTES_MAX))
    if note is None:
        return 0
    end_begun = KEPT_BYTES + int(note[1])  # where the end that is kept stood before
    if offset < end_begun:
        return min(offset, KEPT_BYTES)
    return KEPT_BYTES + len(note[0]) + offset - end_begun
