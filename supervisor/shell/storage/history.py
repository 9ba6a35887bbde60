"""What journals told before a snapshot took their place: kept to be read, never to recover from.

Each journal that a snapshot has replaced becomes a segment of `history/`, named by the number of
its last record. So the story of a child is whole over any number of restarts, within a bound.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from ....workers.process.wire import WireError, decoder
from .atomic import sync_folder
from .conversion import AS_IT_IS, Conversion
from .journal import JOURNAL, checked
from .migrations.migration import MigrationError

HISTORY = "history"
BYTES_MAX = 16 << 20  # of one folder's segments; then the oldest go
SEGMENTS_MAX = 256


class History(Struct, frozen=True, kw_only=True):
    """Everything that a folder can still tell, the oldest first, with wall times."""

    records: tuple[tuple[object, float], ...] = ()
    is_cut: bool = False  # there was more once
    unreadable: int = 0  # lines that are damaged, or of another version


def keep_journal(folder: Path, number: int) -> int | None:
    """Make the journal a segment and begin an empty one; give the new journal's descriptor.

    `number` is that of the last record. None if that cannot be: then the journal is as it was.
    """
    segment, journal = folder / HISTORY / f"{number:012}.log", folder / JOURNAL
    fresh = folder / f".{JOURNAL}.new"
    try:
        segment.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(fresh, flags, 0o600)
    except OSError:
        return None
    try:
        journal.replace(segment)
    except OSError:
        os.close(fd)
        return None
    fresh.replace(journal)  # if this fails, the supervisor begins anew: it has a snapshot
    sync_folder(folder)
    _drop_oldest(folder)
    return fd


def newest_number(folder: Path) -> int:
    """The number of the last record that became history; numbers are never used twice."""
    found = segments(folder)
    return int(found[-1].stem) if found else 0


def read_history(
    folder: Path,
    kinds: Iterable[type],
    conversion: Conversion = AS_IT_IS,
    *,
    latest_bytes: int | None = None,
    about: str = "",
) -> History:
    """Read everything, also while the folder's writer lives. What cannot be read is counted.

    `latest_bytes`: only so much of the end; `about`: only lines that name it, in whatever sense.
    """
    decode, name = conversion.decoder(decoder(kinds)), about.encode()
    found: dict[int, tuple[object, float]] = {}
    unreadable = 0
    for text in _texts(folder, latest_bytes):
        for line in text.split(b"\n")[:-1]:
            if name not in line:
                continue
            numbered = checked(line)
            try:
                if numbered is None:
                    unreadable += 1
                else:
                    found[numbered[0]] = decode(numbered[1])
            except (WireError, MigrationError):
                unreadable += 1
    return History(
        records=tuple(found[number] for number in sorted(found)),
        is_cut=bool(found) and min(found) > 1,
        unreadable=unreadable,
    )


def _texts(folder: Path, latest_bytes: int | None) -> list[bytes]:
    """The journals, the newest first: if the first becomes a segment meanwhile, it is met again."""
    texts = [_read(folder / JOURNAL, latest_bytes)]
    left = latest_bytes
    for path in reversed(segments(folder)):
        if left is not None:
            left -= len(texts[-1])
            if left <= 0:
                break
        texts.append(_read(path, left))
    return texts


def segments(folder: Path) -> list[Path]:
    """The journals that became history, the oldest first."""
    try:
        found = (folder / HISTORY).iterdir()
        return sorted(path for path in found if path.stem.isdecimal())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read(path: Path, bytes_max: int | None) -> bytes:
    """A file, or the whole lines in so many bytes of its end."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            begins = 0 if bytes_max is None else max(0, size - bytes_max)
            file.seek(begins)
            text = file.read()
    except FileNotFoundError:  # it was dropped, or became a segment, just now
        return b""
    return text.partition(b"\n")[2] if begins else text


def _drop_oldest(folder: Path) -> None:
    kept_bytes = 0
    for count, path in enumerate(reversed(segments(folder)), start=1):
        kept_bytes += path.stat().st_size
        if count > SEGMENTS_MAX or kept_bytes > BYTES_MAX:
            path.unlink(missing_ok=True)
