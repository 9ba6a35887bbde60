"""What a command writes: heard while it grows, cut in the middle before it fills the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .ear import Ear

LOG_BYTES_MAX = 64 << 20  # more than that is cut ...
KEPT_BYTES = 4 << 20  # ... to so much of its beginning, and of its end
LOOK_S = 1.0  # how often it is looked at
LOOK_S_IN_A_FLOOD = 0.05
NEW_BYTES_MAX = 1 << 18  # heard at one look: heartbeats have to come between
LAST_BYTES_MAX = 1 << 21  # heard at its end: of more, the end
LINE_BYTES_MAX = 1 << 20  # a longer line is heard in pieces

_CUT = "\n[prd-supervise: {cut} bytes of output were cut here; a log may have {limit} bytes]\n"


class Output:
    """The log of one command, which appends to it; `ear` hears each line once.

    `held` is what the command has written and the log does not show yet.
    """

    def __init__(
        self,
        log: Path,
        ear: Ear | None = None,
        *,
        held: Callable[[], bytes] = bytes,
        bytes_max: int = LOG_BYTES_MAX,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._log = log
        self._ear = ear
        self._held = held
        self._bytes_max = bytes_max
        self._kept_bytes = kept_bytes
        self._seen_bytes = self._heard_bytes = self.size()
        self._grown_bytes = 0
        self._lines = Lines(ear) if ear is not None else None
        self.passed_over_bytes = 0  # of a flood: nobody has heard them

    def written(self) -> int:
        """How much the command has written; that it changes is a sign of life."""
        return self.size() + len(self._held())

    def size(self) -> int:
        """How much there is in the log now."""
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def look(self, *, is_last: bool = False) -> float:
        """Hear what is new, and say after how many seconds to look again.

        The last line counts once it has not grown between two looks, or at the last look.
        """
        size = self.size()
        grown = size - self._seen_bytes
        self._grown_bytes += max(0, grown)
        if self._ear is not None and self._lines is not None:
            self._hear(self._lines, size, is_last=is_last)
            self._ear.looked(written_bytes=self._grown_bytes)
        self._seen_bytes = size
        is_behind = self._ear is not None and self._heard_bytes < size
        if size > self._bytes_max:
            self._cut(size)
        return LOOK_S_IN_A_FLOOD if is_behind or grown > self._bytes_max // 8 else LOOK_S

    def _hear(self, lines: Lines, size: int, *, is_last: bool) -> None:
        unheard = size - self._heard_bytes
        if is_last and unheard > LAST_BYTES_MAX:
            self._pass_over(unheard - LAST_BYTES_MAX)
        left = min(size - self._heard_bytes, LAST_BYTES_MAX if is_last else NEW_BYTES_MAX)
        if left > 0:
            with self._log.open("rb") as file:
                file.seek(self._heard_bytes)
                new = file.read(left)
            self._heard_bytes += len(new)
            lines.feed(new)
        if self._heard_bytes >= size:
            lines.rest(self._held(), is_last=is_last)

    def _pass_over(self, count: int) -> None:
        self._heard_bytes += count
        self.passed_over_bytes += count
        if self._lines is not None:
            self._lines.tear()

    def _cut(self, size: int) -> None:
        """Keep both ends. The command goes on appending; what it writes meanwhile may be lost."""
        unheard = size - self._heard_bytes
        if unheard > self._kept_bytes:
            self._pass_over(unheard - self._kept_bytes)
        with self._log.open("r+b") as file:
            file.seek(size - self._kept_bytes)
            end = file.read(self._kept_bytes)
            file.truncate(self._kept_bytes)
        note = _CUT.format(cut=size - 2 * self._kept_bytes, limit=self._bytes_max)
        with os.fdopen(open_log(self._log), "ab") as file:
            file.write(note.encode() + end)
        left = size - self._heard_bytes
        self._seen_bytes = self.size()
        self._heard_bytes = self._seen_bytes - left


class Lines:
    """Cuts what comes into lines, and tells each of them once."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._line = b""  # the begin of one that has no end yet
        self._is_torn = False  # its begin was told in pieces, or nobody knows it
        self._rest = b""  # what stood there at the last look
        self._told = b""  # what of it was told as a line

    def feed(self, new: bytes) -> None:
        """Take the next bytes."""
        *lines, line = (self._line + new).split(b"\n")
        for each in lines:
            if not self._told or each != self._told:
                self._tell(each, is_whole=not self._is_torn)
            self._is_torn, self._told = False, b""
        self._line = line
        while len(self._line) > LINE_BYTES_MAX:
            self._tell(self._line[:LINE_BYTES_MAX], is_whole=False)
            self._line, self._is_torn = self._line[LINE_BYTES_MAX:], True

    def rest(self, held: bytes, *, is_last: bool) -> None:
        """Look at the last line, which may never end: what hangs after its result does so."""
        rest = self._line + held
        if rest and rest != self._told and (is_last or rest == self._rest):
            self._tell(rest, is_whole=not self._is_torn)
            self._told = rest
        self._rest = rest

    def tear(self) -> None:
        """Know that what comes next stands somewhere in the middle of a line."""
        self._line, self._is_torn = b"", True

    def _tell(self, line: bytes, *, is_whole: bool) -> None:
        if not line:
            return
        if is_whole and len(line) <= LINE_BYTES_MAX:
            self._ear.hear(line.decode(errors="replace"))
            return
        for at in range(0, len(line), LINE_BYTES_MAX):
            self._ear.hear_piece(line[at : at + LINE_BYTES_MAX].decode(errors="replace"))


def open_log(log: Path) -> int:
    """Open a log to append to it."""
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
