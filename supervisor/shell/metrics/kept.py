"""The metrics on disk: a line for what was measured in a moment, after a line with all before.

`metrics.jsonl` begins with the sums of all time, so that what is rotated away is not lost to them,
and goes on with a line whenever something was measured. A full file becomes `metrics.jsonl.1`, with
one line for each ten minutes of it. Root alone writes; anybody may read. Lines have numbers: what
a crash in the middle of a rotation leaves twice is counted once, and a torn line not at all.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from ....policies.metrics.tally import NOTHING, Batch, Level, Tally, added, is_sound
from ....policies.values import replace

VERSION = 1
BYTES_MAX = 1 << 20
KEPT_MAX = 30  # files of ten-minute lines: weeks
WINDOW_S = 600.0


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was measured since the line before; `before` is all that was measured before that."""

    v: int
    number: int
    at: float
    batch: Batch = NOTHING
    levels: tuple[Level, ...] = ()  # at this moment
    before: Batch | None = None
    began_at: float = 0.0  # beside `before`: when counting began


class _Versioned(Struct):
    """What every version writes."""

    v: int


_VERSIONED = msgspec.json.Decoder(_Versioned)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Line)


class MetricsFile:
    """Root's side: it appends, and rotates when the file is full."""

    def __init__(self, path: Path) -> None:
        """Read what is kept; where that fails, it is tried again before anything is written."""
        self.path = path
        self._total = Tally()
        self._began_at = 0.0
        self._number: int | None = None  # of the last line; None: what is kept is not known yet
        with contextlib.suppress(OSError):
            self._read()

    def _read(self) -> int:
        known = total_of(self.path)
        number = max((line.number for line in _newest(self.path)), default=0)
        self._total.add(known.batch)
        self._began_at, self._number = known.began_at, number
        return number

    @property
    def total(self) -> Batch:
        """All that was ever measured."""
        return self._total.batch()

    def append(self, batch: Batch, levels: tuple[Level, ...], at: float) -> None:
        """Write a line; OSError on a full disk, and nothing is known of it then."""
        last = self._read() if self._number is None else self._number
        line = Line(v=VERSION, number=last + 1, at=at, batch=batch, levels=levels)
        if not self.path.exists():
            self._fresh(last, at).replace(self.path)
        elif self.path.stat().st_size > BYTES_MAX:
            self._rotate(last, at)
        _append(self.path, _ENCODER.encode(line) + b"\n")
        self._number = line.number
        self._total.add(batch)

    def _fresh(self, number: int, at: float) -> Path:
        """Write a new file that begins with the sums; it takes its place in one step."""
        self._began_at = self._began_at or at
        line = Line(v=VERSION, number=number, at=at, before=self.total, began_at=self._began_at)
        return _written(self.path.with_suffix(".jsonl.new"), [line])

    def _rotate(self, last: int, at: float) -> None:
        """Write all that is new before anything is moved: a full disk changes nothing."""
        coarse = _written(self.path.with_suffix(".jsonl.old"), _in_windows(_lines_of(self.path)))
        fresh = self._fresh(last, at)
        for number in range(KEPT_MAX - 1, 0, -1):
            older = _older(self.path, number)
            if older.exists():
                older.replace(_older(self.path, number + 1))
        coarse.replace(_older(self.path, 1))
        fresh.replace(self.path)


def lines(path: Path) -> Iterator[Line]:
    """Every line that is kept and can be read, the oldest first, each once."""
    last = -1
    for number in range(KEPT_MAX, -1, -1):
        for line in _lines_of(_older(path, number)):
            if line.number > last:
                last = line.number
                yield line


class Total(Struct, frozen=True, kw_only=True):
    """All that was ever measured, and since when; 0: nothing was."""

    batch: Batch
    began_at: float


def total_of(path: Path) -> Total:
    """What the newest file says of the time before it, and what came since."""
    newer: list[Batch] = []
    oldest_at = 0.0
    for number in range(KEPT_MAX + 1):
        found = _lines_of(_older(path, number))
        begins = [at for at, line in enumerate(found) if line.before is not None]
        first = begins[-1] if begins else 0
        newer = [*(line.batch for line in found[first:]), *newer]
        oldest_at = found[first].at if found else oldest_at
        before = found[first].before if begins else None
        if before is not None:
            began_at = found[first].began_at or oldest_at
            return Total(batch=added((before, *newer)), began_at=began_at)
    return Total(batch=added(newer), began_at=oldest_at)


def is_newer(path: Path) -> bool:
    """Say whether a version after ours has written there: those lines count for nobody here."""
    versions = set()
    for text in _texts_of(path):
        with contextlib.suppress(msgspec.MsgspecError, ValueError):
            versions.add(_VERSIONED.decode(text).v)
    return max(versions, default=VERSION) > VERSION


def _newest(path: Path) -> list[Line]:
    """The lines of the newest file that has any."""
    for number in range(KEPT_MAX + 1):
        if found := _lines_of(_older(path, number)):
            return found
    return []


def _lines_of(path: Path) -> list[Line]:
    """The lines of one file, without what is torn, or of a version that we do not know."""
    found = []
    for text in _texts_of(path):
        with contextlib.suppress(msgspec.MsgspecError, ValueError):
            line = _DECODER.decode(text)
            if line.v == VERSION and is_sound(line.batch):
                found.append(line)
    return found


def _texts_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []


def _in_windows(fine: Iterable[Line]) -> list[Line]:
    """One line for each ten minutes, with the number and the levels of its last one."""
    coarse: list[Line] = []
    window: list[Line] = []
    for line in fine:
        if window and (line.at // WINDOW_S != window[0].at // WINDOW_S):
            coarse.append(_as_one(window))
            window = []
        window.append(line)
    return [*coarse, _as_one(window)] if window else coarse


def _as_one(window: list[Line]) -> Line:
    last = window[-1]
    first = window[0]
    batch = added(line.batch for line in window)
    return replace(last, batch=batch, before=first.before, began_at=first.began_at)


def _written(path: Path, found: Iterable[Line]) -> Path:
    path.write_bytes(b"".join(_ENCODER.encode(line) + b"\n" for line in found))
    path.chmod(0o600)
    return path


def _older(path: Path, number: int) -> Path:
    return path if not number else path.with_suffix(f".jsonl.{number}")


def _append(path: Path, data: bytes) -> None:
    with path.open("ab+", buffering=0) as file:
        # Half a line, of a full disk or of a root that was killed, must not spoil this one.
        if end := file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                data = b"\n" + data
        written = file.write(data)
        if written != len(data):
            file.truncate(end)  # without its line end only, it would be read, and counted twice
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
