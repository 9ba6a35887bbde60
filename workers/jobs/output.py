"""What a command writes: looked at while it grows, cut in the middle before it fills the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

LOG_BYTES_MAX = 64 << 20  # more than that is cut ...
KEPT_BYTES = 4 << 20  # ... to so much of its beginning, and of its end
LOOK_S = 1.0  # how often it is looked at
LOOK_S_IN_A_FLOOD = 0.05
NEW_BYTES_MAX = 4 << 20  # read at one look: of a flood, only the end
LINE_BYTES_MAX = 1 << 20  # a longer line is looked at in pieces

_CUT = "\n[prd-supervise: {cut} bytes of output were cut here; a log may have {limit} bytes]\n"


class Output:
    """The log of one command, which appends to it; `is_result` knows the line with its result.

    `held` is what the command has written and the log does not show yet.
    """

    def __init__(
        self,
        log: Path,
        is_result: Callable[[str], bool] | None = None,
        *,
        held: Callable[[], bytes] = bytes,
        bytes_max: int = LOG_BYTES_MAX,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self._log = log
        self._is_result = is_result
        self._held = held
        self._bytes_max = bytes_max
        self._kept_bytes = kept_bytes
        self._seen_bytes = self.size()
        self._line = b""  # the begin of one that has no end yet
        self.has_result = False

    def written(self) -> int:
        """How much the command has written; that it changes is a sign of life."""
        return self.size() + len(self._held())

    def size(self) -> int:
        """How much there is in the log now."""
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def look(self) -> float:
        """Look at what is new, and say after how many seconds to look again."""
        size = self.size()
        grown = size - self._seen_bytes
        is_new = grown > 0 or self._held()
        if self._is_result is not None and not self.has_result and is_new:
            self._look_for_result(self._is_result, size)
        self._seen_bytes = size
        if size > self._bytes_max:
            self._cut(size)
        return LOOK_S_IN_A_FLOOD if grown > self._bytes_max // 8 else LOOK_S

    def _look_for_result(self, is_result: Callable[[str], bool], size: int) -> None:
        begin = max(self._seen_bytes, size - NEW_BYTES_MAX)
        with self._log.open("rb") as file:
            file.seek(begin)
            new = file.read(size - begin)
        if begin > self._seen_bytes:
            self._line = b""  # its rest was passed over
        *lines, self._line = (self._line + new).split(b"\n")
        # The last line counts as it stands: what hangs after its result may never end it.
        self.has_result = any(
            is_result(piece.decode(errors="replace"))
            for line in (*lines, self._line + self._held())
            for piece in _pieces(line)
        )
        self._line = self._line[-LINE_BYTES_MAX:]

    def _cut(self, size: int) -> None:
        """Keep both ends. The command goes on appending; what it writes meanwhile may be lost."""
        with self._log.open("r+b") as file:
            file.seek(size - self._kept_bytes)
            end = file.read(self._kept_bytes)
            file.truncate(self._kept_bytes)
        note = _CUT.format(cut=size - 2 * self._kept_bytes, limit=self._bytes_max)
        with os.fdopen(open_log(self._log), "ab") as file:
            file.write(note.encode() + end)
        self._seen_bytes = self.size()


def open_log(log: Path) -> int:
    """Open a log to append to it."""
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _pieces(line: bytes) -> list[bytes]:
    return [line[at : at + LINE_BYTES_MAX] for at in range(0, len(line), LINE_BYTES_MAX)]
