"""Journals, snapshots and plans of an older state as the migrations want them, in bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from .journal import checked, line_of
from .migrations.migration import Change, Migration, Part, change_since

Decode = Callable[[bytes], tuple[object, float]]


class Conversion(Struct, frozen=True, kw_only=True):
    """What becomes of a folder's documents; None: nothing. They raise MigrationError."""

    record: Change | None = None
    payload: Callable[[Any], Any] | None = None  # of the snapshot

    def decoder(self, decode: Decode) -> Decode:
        """Read a record as it reads today."""
        if self.record is None:
            return decode
        convert = converted_by(self.record)
        return lambda data: decode(convert(data))


AS_IT_IS = Conversion()


def of_root(state: int, migrations: Sequence[Migration]) -> Conversion:
    """What becomes of root's folder; its snapshot is a list of records."""
    change = change_since(state, Part.ROOT_RECORD, migrations)
    if change is None:
        return AS_IT_IS
    frame = converted_by(change)

    def payload(frames: list[str]) -> list[str]:
        return [frame(each.encode()).decode() for each in frames]

    return Conversion(record=change, payload=payload)


def of_prd(state: int, migrations: Sequence[Migration]) -> Conversion:
    """What becomes of a PRD's folder."""
    return Conversion(
        record=change_since(state, Part.PRD_RECORD, migrations),
        payload=change_since(state, Part.PRD_SNAPSHOT, migrations),
    )


def converted_by(change: Change) -> Callable[[bytes], bytes]:
    """Apply a change to a document's bytes, which stay as they are where nothing changes."""

    def convert(data: bytes) -> bytes:
        document = json.loads(data)
        changed = change(document)
        return data if changed == document else _dumped(changed)

    return convert


def converted_plan(text: bytes, change: Change) -> bytes:
    """A plan; one that is none stays what it is."""
    try:
        return converted_by(change)(text)
    except ValueError:
        return text


def converted_journal(text: bytes, change: Change) -> bytes:
    """A journal, or what became history of it. Lines that are damaged stay what they are."""
    convert = converted_by(change)
    lines = text.split(b"\n")
    for index, line in enumerate(lines[:-1]):  # behind the last newline stands what was torn
        numbered = checked(line)
        if numbered is not None:
            number, data = numbered
            lines[index] = line_of(number, convert(data)).removesuffix(b"\n")
    return b"\n".join(lines)


def converted_snapshot(text: bytes, payload: Callable[[Any], Any]) -> bytes:
    """A snapshot; one that is none stays what it is, for its reader to refuse."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if not isinstance(found, dict) or "payload" not in found:
        return text
    changed = payload(found["payload"])
    return text if changed == found["payload"] else _dumped(found | {"payload": changed})


def _dumped(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
