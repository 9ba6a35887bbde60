"""Damaged files of ours: set aside under a name of their own, never deleted and never trusted.

Where the history still has what they held, nothing is lost, and the state is whole again by
itself. Where records are lost a person has to say that it goes on without them (`repair`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from .atomic import sync_folder, write_atomically
from .found import SNAPSHOT, Found
from .history import HISTORY, newest_number
from .journal import JOURNAL

DAMAGED = "damaged"


class Mended(Struct, frozen=True, kw_only=True):
    """What was set aside, a sentence each, and how much of the journal is good."""

    good_bytes: int
    told: tuple[str, ...] = ()


def mend(folder: Path, found: Found) -> Mended:
    """Make a folder whole from what it still has; StoreError where records are lost."""
    if found.lost:
        raise found.refusal()
    told = []
    good_bytes = found.good_bytes
    if b"\n" in found.torn:  # a crash leaves half a line behind the last record, and no more
        kept = _copy_aside(folder / JOURNAL, found.torn)
        told.append(f"{folder / JOURNAL}: its end is damaged: {len(found.torn)} bytes in {kept}")
    damaged = {each.path for each in found.damages}
    if folder / JOURNAL in damaged:
        aside = set_aside(folder / JOURNAL)
        data = b"".join(each.raw + b"\n" for each in found.lines)
        write_atomically(folder / JOURNAL, data, durable=True)
        good_bytes = len(data)
        told.append(_whole_again(found, folder / JOURNAL, aside))
    if folder / SNAPSHOT in damaged:
        aside = set_aside(folder / SNAPSHOT)
        (folder / SNAPSHOT).unlink(missing_ok=True)
        sync_folder(folder)
        told.append(_whole_again(found, folder / SNAPSHOT, aside))
    return Mended(good_bytes=good_bytes, told=tuple(told))


def repair(folder: Path, found: Found, payload_of: Callable[[Found], object]) -> tuple[str, ...]:
    """Go on without what is lost: a new snapshot of all that can be read takes the place of it.

    Whoever calls it sees that nobody writes there. It can be asked again after a crash.
    """
    number = max(found.number, newest_number(folder))
    payload = payload_of(found)
    told = [f"{found.damages[0]}; {found.lost}; it goes on with what can be read"]
    if found.lines:  # the story of what has happened stays readable
        (folder / HISTORY).mkdir(mode=0o700, exist_ok=True)
        data = b"".join(each.raw + b"\n" for each in found.lines)
        write_atomically(folder / HISTORY / f"{number:012}.log", data, durable=True)
    kept = (set_aside(folder / SNAPSHOT), set_aside(folder / JOURNAL))
    told += [f"{each} has a file as it was" for each in kept if each is not None]
    snapshot = json.dumps({"number": number, "payload": payload}).encode()
    write_atomically(folder / SNAPSHOT, snapshot, durable=True)
    write_atomically(folder / JOURNAL, b"", durable=True)
    return tuple(told)


def set_aside(path: Path) -> Path | None:
    """Give a file one more name, under which it stays; None if there is none of that name."""
    number = 1
    while True:
        aside = path.with_name(f"{path.name}.{DAMAGED}-{number}")
        try:
            os.link(path, aside)
        except FileNotFoundError:
            return None
        except FileExistsError:
            if aside.samefile(path):  # we were killed after that
                return aside
            number += 1
            continue
        sync_folder(path.parent)
        return aside


def _copy_aside(path: Path, data: bytes) -> str:
    """Keep what is about to be cut off."""
    number = 1
    while (aside := path.with_name(f"{path.name}.{DAMAGED}-{number}")).exists():
        number += 1
    write_atomically(aside, data, durable=True)
    return aside.name


def _whole_again(found: Found, path: Path, aside: Path | None) -> str:
    first = next(each for each in found.damages if each.path == path)
    kept = "" if aside is None else f", as it was in {aside.name}"
    return f"{first}; nothing is lost: the records are all there{kept}"
