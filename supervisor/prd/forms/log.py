"""What earlier work recorded of its stories: implementation logs, and PRDs of other tools."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ..members.fields import Findings, Member, Record, identifier, items
from ..members.identity import IDS, title_of
from ..members.progress import read_progress
from ..names import clean_title
from .recognise import recognise

LISTS = ("stories", "entries", "log", "implementations", "completedStories", "results", "tasks")
NUMBERS = ("storyNumber", "taskNumber", "number", "story")
LOG_TITLES = ("storyTitle", "taskTitle")
ENDED = ("completedAt", "finishedAt")


class Entry(Struct, frozen=True, kw_only=True):
    """One story of the record, by all that it may be known by."""

    story_id: str
    number: str
    title: str
    is_done: bool


def read_entries(document: object, findings: Findings) -> tuple[Entry, ...]:
    """The stories that a document records, in its order; none if it is no record of stories."""
    # What is amiss with another tool's record is not ours to tell.
    quiet = Findings(path=findings.path, document=findings.document)
    found = (_entry(record) for record in _records(document, quiet))
    return tuple(entry for entry in found if entry.story_id or entry.number or entry.title)


def _records(document: object, findings: Findings) -> Iterator[Record]:
    whole = Record(document if isinstance(document, dict) else {}, where=(), findings=findings)
    prds = recognise(document, findings)
    for draft in prds:
        yield from (story.record for story in draft.stories)
    if prds:
        return
    lists = [Member(key="", value=document, where=())] if isinstance(document, list) else []
    lists += [each for each in whole.find_all(LISTS) if isinstance(each.value, list)]
    for item in items(lists[0]) if lists else ():
        record = whole.inner(item)
        if record is not None:
            yield record


def _entry(record: Record) -> Entry:
    progress = read_progress(record)
    is_told = record.word(("status", "state")) or progress.is_done or progress.is_skipped
    return Entry(
        story_id=_name(record, IDS),
        number=_name(record, NUMBERS),
        title=clean_title(record.word(LOG_TITLES)) or title_of(record),
        is_done=progress.is_done or (not is_told and record.find(ENDED) is not None),
    )


def _name(record: Record, names: tuple[str, ...]) -> str:
    found = (identifier(member.value) for member in record.find_all(names))
    return next((name.strip() for name in found if name), "")
