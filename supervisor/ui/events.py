"""`events`: what has happened, to all or to one child, and what happens now."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from ..shell.control.stories import stories_of
from ..shell.control.targets import TargetError, resolve
from ..shell.lines import line_of
from ..shell.storage import chronicle
from ..shell.storage.chronicle import Chronicle
from ..shell.storage.eventlog import Event
from ..shell.storage.eventreader import EventReader
from ..shell.storage.journal import JOURNAL
from ..shell.storage.layout import Layout
from .errors import UsageError
from .known import known_board
from .whereabouts import layout_of

LOOK_EVERY_S = 0.2
FOLLOWED_FROM = 10  # events that are shown before those to come
_AGO = re.compile(r"(\d{1,9})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Look = Callable[[], list[Event]]  # each look gives what has come since the one before


class Wanted(Struct, frozen=True, kw_only=True):
    """Which events, and in what form."""

    since: datetime | None = None
    count: int | None = None
    is_followed: bool = False
    as_json: bool = False


def events(folder: Path, child: str | None, wanted: Wanted) -> int:
    """Print the public event log, or the story of a child."""
    layout = layout_of(folder)
    if child is None:
        with EventReader(layout.events) as reader:
            if reader.is_cut:
                _note("only the last events are kept; older ones are gone")
            return _print(reader.old() + reader.new(), reader.new, wanted)
    story = _story_of(layout, child)
    first = story.look()
    for gap in story.gaps:
        _note(gap)
    return _print(first, story.look, wanted)


def moment(text: str, option: str = "--since") -> datetime:
    """A time as people say it: `10m` is ten minutes ago; else a date, or a date and time."""
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago.group(2)]: int(ago.group(1))})
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        message = f"{option} {text!r}: this is no time; write 10m, 2h, 1d, or 2026-11-20T22:30"
        raise UsageError(message) from None


class _Story:
    """A child's story, looked at again and again: it is read only when a journal has changed."""

    def __init__(self, tell: Callable[[], Chronicle], journals: Sequence[Path]) -> None:
        self._tell = tell
        self._journals = journals
        self._seen: object = None
        self._count = 0
        self.gaps: tuple[str, ...] = ()

    def look(self) -> list[Event]:
        state = [_state_of(path) for path in self._journals]
        if state == self._seen:
            return []
        told = self._tell()
        new = list(told.events[self._count :])
        self._seen, self._count, self.gaps = state, len(told.events), told.gaps
        return new


def _story_of(layout: Layout, child: str) -> _Story:
    roots = layout.state_dir / JOURNAL
    if child == "root":
        return _Story(lambda: chronicle.of_root(layout), [roots, layout.events])
    try:
        target = resolve(child, stories_of(layout, known_board(layout)))
    except TargetError as error:
        raise UsageError(str(error)) from None
    prd_id, story_id = target.prd_id, target.story_id
    journals = [roots, layout.prd(prd_id) / JOURNAL]
    if story_id:
        return _Story(lambda: chronicle.of_story(layout, prd_id, story_id), journals)
    return _Story(lambda: chronicle.of_prd(layout, prd_id), journals)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _print(first: list[Event], look: Look, wanted: Wanted) -> int:
    shown = [event for event in first if _is_late_enough(event, wanted.since)]
    count = wanted.count
    if count is None and wanted.is_followed and wanted.since is None:
        count = FOLLOWED_FROM
    _say(shown[max(0, len(shown) - count) :] if count is not None else shown, wanted)
    if not first and not wanted.is_followed:
        _note("nothing has happened here yet")
    while wanted.is_followed:
        time.sleep(LOOK_EVERY_S)
        _say(look(), wanted)
    return 0


def _is_late_enough(event: Event, since: datetime | None) -> bool:
    return since is None or datetime.fromisoformat(str(event["at"])) >= since


def _say(found: Sequence[Event], wanted: Wanted) -> None:
    for event in found:
        as_text = line_of(event, has_date=True)
        line = json.dumps(event, ensure_ascii=False) if wanted.as_json else as_text
        print(line, flush=True)  # noqa: T201


def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)  # noqa: T201
