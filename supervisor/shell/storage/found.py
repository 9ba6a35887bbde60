"""What stands in a folder: snapshot, records, and what of them is damaged.

A record is good if its checksum says so; that all are there, the numbers say. What a damaged
snapshot held, and damaged lines, may stand in the history as well: then nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from ....workers.process.wire import WireError, decoder
from .conversion import AS_IT_IS, Conversion
from .history import segments
from .journal import JOURNAL, checked
from .migrations.migration import MigrationError

SNAPSHOT = "snapshot.json"
SHOWN_MAX = 3  # gaps that are named
NOTHING = "nothing of it can be read any more"
REPAIR = "`prd-supervise resume --repair` goes on with what can be read"


class StoreError(Exception):
    """The state on disk cannot be trusted; the text names file and line, and what to do."""


class AnotherVersionError(StoreError):
    """The state is whole, and this program is not the one for it; the text says which is."""


class Damage(Struct, frozen=True, kw_only=True):
    """A place where a file is not as it was written; line 0 is the file as a whole."""

    path: Path
    what: str
    line: int = 0

    def __str__(self) -> str:
        at = f":{self.line}" if self.line else ""
        return f"{self.path}{at}: {self.what}"


class Line(Struct, frozen=True, kw_only=True):
    """A good line of a journal."""

    number: int
    raw: bytes
    record: object
    at: float


class Found(Struct, frozen=True, kw_only=True):
    """A folder as it was found: the snapshot, and the good records since, by their numbers."""

    payload: object | None = None
    since: int = 0  # the number of the last record that the snapshot holds
    lines: tuple[Line, ...] = ()
    good_bytes: int = 0  # of the journal; behind them stands what was torn
    torn: bytes = b""
    damages: tuple[Damage, ...] = ()
    lost: str = ""  # which records are nowhere; empty: none

    @property
    def number(self) -> int:
        """The number of the last record that is known."""
        return self.lines[-1].number if self.lines else self.since

    @property
    def records(self) -> tuple[tuple[object, float], ...]:
        """The records with their wall times."""
        return tuple((each.record, each.at) for each in self.lines)

    def refusal(self) -> StoreError:
        """What to raise where something is lost."""
        return StoreError(f"{self.damages[0]}; {self.lost}; {REPAIR}")


class _Journal(Struct, frozen=True, kw_only=True):
    lines: tuple[Line, ...]
    damages: tuple[Damage, ...]
    good_bytes: int
    torn: bytes


def look(folder: Path, kinds: Iterable[type], conversion: Conversion = AS_IT_IS) -> Found:
    """Read a folder's state without changing it, also while its writer lives.

    AnotherVersionError, if a good record or the snapshot is of another version.
    """
    decode = conversion.decoder(decoder(kinds))
    # The journal first: if its writer compacts in between, the snapshot holds what it held.
    journal = _read_journal(folder / JOURNAL, decode)
    since, payload, damages = _read_snapshot(folder / SNAPSHOT)
    payload = _converted(payload, conversion, folder / SNAPSHOT)
    lines = tuple(each for each in journal.lines if each.number > since)
    damages += journal.damages
    lost = _lost(since, lines)
    if lost or not (since or lines):  # a new folder has no history either
        old = _old_lines(folder, decode)
        if not damages and (lost or old):
            path = folder / SNAPSHOT if not since else folder / JOURNAL
            damages = (Damage(path=path, what="it does not hold all that was written"),)
        known = {each.number: each for each in (*old, *lines) if each.number > since}
        lines = tuple(known[number] for number in sorted(known))
        lost = _lost(since, lines) or ("" if since or lines or not damages else NOTHING)
    return Found(
        payload=payload,
        since=since,
        lines=lines,
        good_bytes=journal.good_bytes,
        torn=journal.torn,
        damages=damages,
        lost=lost,
    )


def _read_snapshot(path: Path) -> tuple[int, object, tuple[Damage, ...]]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return 0, None, ()
    except (ValueError, RecursionError) as error:
        return 0, None, (Damage(path=path, what=f"not a snapshot: {error}"),)
    number = found.get("number") if isinstance(found, dict) else None
    if not isinstance(number, int) or "payload" not in found:
        return 0, None, (Damage(path=path, what="not a snapshot"),)
    return number, found["payload"], ()


def _converted(payload: object, conversion: Conversion, place: Path) -> object:
    if payload is None or conversion.payload is None:
        return payload
    try:
        return conversion.payload(payload)
    except MigrationError as error:
        raise AnotherVersionError(f"{place}: {error}") from error


def _read_journal(path: Path, decode: Callable[[bytes], tuple[object, float]]) -> _Journal:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    lines: list[Line] = []
    bad: list[int] = []
    good_bytes, end = 0, 0
    for number, raw in enumerate(data.split(b"\n")[:-1], start=1):
        end += len(raw) + 1
        if (line := _line(path, number, raw, decode)) is None:
            bad.append(number)
        else:
            lines.append(line)
            good_bytes, last = end, number
    inside = [number for number in bad if lines and number < last]
    what = "a damaged record with good ones after it"
    return _Journal(
        lines=tuple(lines),
        damages=tuple(Damage(path=path, line=number, what=what) for number in inside),
        good_bytes=good_bytes,
        torn=data[good_bytes:],
    )


def _line(
    path: Path, number: int, raw: bytes, decode: Callable[[bytes], tuple[object, float]]
) -> Line | None:
    numbered = checked(raw)
    if numbered is None:
        return None
    try:
        record, at = decode(numbered[1])
    except (WireError, MigrationError) as error:
        # Written whole, so it was acknowledged: it must not be cut off as if it were torn.
        raise AnotherVersionError(
            f"{path}:{number}: a record of another version: {error}; "
            "use the version that wrote it, or move the file away"
        ) from error
    return Line(number=numbered[0], raw=raw, record=record, at=at)


def _old_lines(folder: Path, decode: Callable[[bytes], tuple[object, float]]) -> tuple[Line, ...]:
    """What became history, as far as this version can read it."""
    found: list[Line] = []
    for segment in segments(folder):
        with suppress(StoreError):
            found += _read_journal(segment, decode).lines
    return tuple(found)


def _lost(since: int, lines: tuple[Line, ...]) -> str:
    """Say in words which records are nowhere."""
    gaps = []
    for line in lines:
        if line.number > since + 1:
            first, last = since + 1, line.number - 1
            gaps.append(f"record {first}" if first == last else f"records {first} to {last}")
        since = line.number
    if not gaps:
        return ""
    more = f" and {len(gaps) - SHOWN_MAX} more" if len(gaps) > SHOWN_MAX else ""
    named = ", ".join(gaps[:SHOWN_MAX])
    return f"{named}{more} {'is' if named.startswith('record ') and not more else 'are'} lost"
