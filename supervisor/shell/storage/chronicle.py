"""The story of a child: all that ever happened to it, as the journals tell it.

It is read from outside, whether the writers live or not, and changes nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec import Struct

from ....policies.counting import counted
from ...core.common import Noted
from ..lines import line_of
from .eventlog import Event
from .eventreader import EventReader
from .found import StoreError
from .history import History, read_history
from .layout import Layout
from .offline import ROOT_KINDS
from .older import prd_as_today, root_as_today
from .recollection import KINDS
from .recorded import prd_event, root_event, says_the_same

LAST_LINES = 30  # of a child's story, in what is said of its end ...
LAST_BYTES = 2 << 20  # ... as far as this much of each journal has them: supervisors wait for it


class Chronicle(Struct, frozen=True, kw_only=True):
    """What happened, the oldest first; `gaps` says in words what can no longer be told."""

    events: tuple[Event, ...]
    gaps: tuple[str, ...] = ()


def of_root(layout: Layout) -> Chronicle:
    """Everything that root's journal tells, and what the event log tells of root itself."""
    root = read_history(layout.state_dir, ROOT_KINDS, root_as_today(layout))
    with EventReader(layout.events) as reader:
        own = [event for event in (*reader.old(), *reader.new()) if event["prd"] is None]
    # What is of no PRD stands in both; the event log tells more of it.
    told = (event for event in _root_events(root) if event["prd"] is not None)
    events = heapq.merge(own, told, key=_moment)
    return Chronicle(events=tuple(events), gaps=_gaps("root", root))


def of_prd(
    layout: Layout, prd_id: str, *, latest_bytes: int | None = None, story_id: str = ""
) -> Chronicle:
    """What root's journal tells of a PRD, and everything that its supervisor wrote down.

    `latest_bytes`: only so much of the end of each; `story_id`: at least what names this story.
    """
    name = story_id or prd_id  # what a PRD writes down itself does not name it
    about_root = name if latest_bytes is not None else ""
    root = read_history(
        layout.state_dir,
        ROOT_KINDS,
        root_as_today(layout),
        latest_bytes=latest_bytes,
        about=about_root,
    )
    own = read_history(
        layout.prd(prd_id),
        KINDS,
        prd_as_today(layout),
        latest_bytes=latest_bytes,
        about=story_id,
    )
    about = (event for event in _root_events(root) if event["prd"] == prd_id)
    events = heapq.merge(about, _prd_events(prd_id, own), key=_moment)
    return Chronicle(events=tuple(events), gaps=(*_gaps("root", root), *_gaps(prd_id, own)))


def of_story(
    layout: Layout, prd_id: str, story_id: str, *, latest_bytes: int | None = None
) -> Chronicle:
    """What the journals tell of one story."""
    named = story_id if latest_bytes is not None else ""  # else what cannot be read is counted
    whole = of_prd(layout, prd_id, latest_bytes=latest_bytes, story_id=named)
    return Chronicle(
        events=tuple(event for event in whole.events if event["story"] == story_id),
        gaps=whole.gaps,
    )


def last_lines(layout: Layout, prd_id: str = "", story_id: str = "") -> list[str]:
    """The end of a child's story as lines; of root's where no PRD is named."""
    if story_id:
        found = of_story(layout, prd_id, story_id, latest_bytes=LAST_BYTES)
    elif prd_id:
        found = of_prd(layout, prd_id, latest_bytes=LAST_BYTES)
    else:
        found = of_root(layout)
    return [line_of(event, has_date=True) for event in found.events[-LAST_LINES:]]


@contextmanager
def story_in_errors(tell: Callable[[], Sequence[str]]) -> Iterator[None]:
    """Add to an error that nobody expected what had happened before it."""
    try:
        yield
    except Exception as error:
        try:
            lines = tell()
        except (OSError, StoreError) as problem:
            lines = [f"it cannot be told: {problem}"]
        error.add_note("\n".join(("what had happened before:", *(f"  {each}" for each in lines))))
        raise


def _moment(event: Event) -> str:
    return str(event["at"])


def _root_events(history: History) -> list[Event]:
    return _told_once(history, root_event)


def _prd_events(prd_id: str, history: History) -> list[Event]:
    return _told_once(history, partial(prd_event, prd_id))


def _told_once(history: History, event_of: Callable[[Any, float], Event]) -> list[Event]:
    """Turn records into events; where a note repeats the record before it, the longer one stays."""
    told: list[Event] = []
    previous: object = None
    for record, at in history.records:
        event = event_of(record, at)
        is_repeated = (
            isinstance(record, Noted)
            and previous is not None
            and not isinstance(previous, Noted)
            and says_the_same(told[-1], event)
        )
        if not is_repeated:
            told.append(event)
        elif str(event["text"]).startswith(str(told[-1]["text"])):
            told[-1] = event
        previous = record
    return told


def _gaps(name: str, history: History) -> tuple[str, ...]:
    gaps = []
    if history.is_cut:
        gaps.append(f"the oldest records of {name} are no longer kept")
    if history.unreadable:
        gaps.append(f"{counted(history.unreadable, 'line')} of {name}'s journals cannot be read")
    return tuple(gaps)
