"""`events`: shows the public event log, or the story of a child."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ...shell.lines import line_of
from ...shell.storage.eventlog import Event
from ...shell.storage.eventreader import EventReader
from ...shell.storage.layout import Layout
from ..errors import UsageError
from ..known import known_board
from ..looks.event_kinds import tone_of
from ..looks.painting import AUTO, toned, wants_colour
from ..whereabouts import layout_of
from .child import story_of, targets_of
from .selection import Selection, not_there

LOOK_EVERY_S = 0.2
FOLLOWED_FROM = 10  # events that are shown before those to come
Look = Callable[[], Iterable[Event]]  # each look gives what has come since the one before


class Manner(Struct, frozen=True, kw_only=True):
    """How they are shown, and how many."""

    count: int | None = None
    is_followed: bool = False
    as_json: bool = False
    colour: str = AUTO


def events(folder: Path, child: str | None, wanted: Selection, manner: Manner) -> int:
    """Print the public event log, or the story of a child."""
    layout = layout_of(folder)
    wanted = replace(wanted, names=frozenset(map(str, targets_of(layout, wanted.names))))
    if wanted.prds or wanted.stories:
        _check_names(layout, wanted)
    if child is None:
        with EventReader(layout.events) as reader:
            if reader.is_cut and wanted.since is None and manner.count is None:
                _note("only the last events are kept; older ones are gone")
            since_s = wanted.since.timestamp() if wanted.since else 0.0
            return _show(_chained(reader, since_s), reader.each_new, wanted, manner)
    story = story_of(layout, child)
    first = story.look()
    for gap in story.gaps:
        _note(gap)
    return _show(first, story.look, wanted, manner)


def _chained(reader: EventReader, since_s: float) -> Iterable[Event]:
    yield from reader.each_old(since_s)
    yield from reader.each_new()


def _check_names(layout: Layout, wanted: Selection) -> None:
    rows = known_board(layout).rows
    for name in sorted(wanted.prds - rows.keys()):
        raise UsageError(not_there("--prd", name, rows))
    stories = {story for row in rows.values() for story in row.stories}
    whole = {f"{prd_id}/{story}" for prd_id, row in rows.items() for story in row.stories}
    for name in sorted(wanted.stories - stories - whole):
        raise UsageError(not_there("--story", name, whole if "/" in name else stories))


def _show(first: Iterable[Event], look: Look, wanted: Selection, manner: Manner) -> int:
    show = _shower(manner)
    count = manner.count
    if count is None and manner.is_followed and wanted.since is None:
        count = FOLLOWED_FROM
    has_any = _show_first(first, wanted, show, count)
    if not has_any and not manner.is_followed:
        _note("nothing has happened here yet")
    while manner.is_followed and not _is_past(wanted.until):
        time.sleep(LOOK_EVERY_S)
        for event in look():
            if wanted.wants(event):
                show(event)
        sys.stdout.flush()
    return 0


def _show_first(
    first: Iterable[Event], wanted: Selection, show: Callable[[Event], None], count: int | None
) -> bool:
    """Show the last ones of what there is; say whether there was anything, wanted or not."""
    has_any = False
    kept: deque[Event] = deque(maxlen=count)
    for event in first:
        has_any = True
        if not wanted.wants(event):
            continue
        if count is None:
            show(event)
        else:
            kept.append(event)
    for event in kept:
        show(event)
    sys.stdout.flush()
    return has_any


def _is_past(until: datetime | None) -> bool:
    return until is not None and datetime.now(UTC) > until


def _shower(manner: Manner) -> Callable[[Event], None]:
    has_colour = wants_colour(manner.colour)

    def show(event: Event) -> None:
        if manner.as_json:
            line = json.dumps(event, ensure_ascii=False)
        else:
            line = line_of(event, has_date=True)
            line = toned(line, tone_of(event)) if has_colour else line
        sys.stdout.write(f"{line}\n")

    return show


def names_in(values: Sequence[str]) -> frozenset[str]:
    """What was said once with commas, or more than once."""
    return frozenset(name.strip() for value in values for name in value.split(",")) - {""}


def _note(text: str) -> None:
    sys.stdout.flush()
    print(f"note: {text}", file=sys.stderr)  # noqa: T201
