"""Marking stories as done in their PRD, with every other byte of the file left as it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct

from ...policies.values import replace
from .documents.document import Document, Edit, JsonPath, UnreadableError
from .documents.parse import parse
from .documents.text import decode
from .forms.recognise import recognise
from .members.draft import StoryDraft
from .members.fields import Findings
from .members.identity import read_id
from .members.progress import DONE, done_member, done_status
from .members.story import read_story
from .model import PlannedStory


class _Mark(Struct, frozen=True, kw_only=True):
    """One story's flag: where it stands, how it is set, and how the story reads then."""

    where: JsonPath
    edit: Edit
    done: PlannedStory


def mark_done(data: bytes, story_id: str, part: str = "") -> bytes | None:
    """The same file with that story's flag set; `part` names the PRD where it holds several.

    None if the file cannot be read, has no such story, has it as done already, or has no way to say
    so without saying it of others too.
    """
    marked = _marked(data, (story_id,), part)
    return None if marked == data else marked


def mark_all(data: bytes, story_ids: Collection[str], part: str = "") -> bytes:
    """The same file with the flags of all these stories set, as far as they can be."""
    marked = _marked(data, story_ids, part)
    if marked is not None:
        return marked
    for story_id in story_ids:  # one of them stands in the others' way
        data = mark_done(data, story_id, part) or data
    return data


def open_of(data: bytes, story_ids: Collection[str], part: str = "") -> frozenset[str]:
    """Which of these stories the file has as not done; none where it cannot be read."""
    try:
        document = parse(decode(data).text)
    except UnreadableError:
        return frozenset()
    found: dict[str, StoryDraft] = {}
    for draft in _stories(document, part):
        found.setdefault(read_id(draft)[0], draft)
    return frozenset(
        name for name in story_ids if name in found and not read_story(found[name]).story.is_done
    )


def _marked(data: bytes, story_ids: Collection[str], part: str) -> bytes | None:
    """The same bytes where nothing is to be set, None where more would change than the flags."""
    try:
        text = decode(data)
        document = parse(text.text)
    except UnreadableError:
        return data
    marks = tuple(_marks(document, frozenset(story_ids), part))
    if not marks:
        return data
    marked = _applied(text.text, [mark.edit for mark in marks])
    # A document may be spoilt by no means, not even by a gap in what gave the places.
    return text.encoded(marked) if _says_only(document, marked, marks, part) else None


def _marks(document: Document, story_ids: Collection[str], part: str) -> Iterator[_Mark]:
    stories = tuple(_stories(document, part))
    first: dict[str, StoryDraft] = {}
    for draft in stories:  # of two stories with one id the first one counts
        first.setdefault(read_id(draft)[0], draft)
    manner = _Manner(stories)
    for draft in (draft for story_id, draft in first.items() if story_id in story_ids):
        story = read_story(draft).story
        if story.is_done:
            continue
        key, values = manner.of(draft)
        where = (*draft.record.where, key)
        edits = (document.put(where, value=value) for value in values)
        edit = next((edit for edit in edits if edit is not None), None)
        if edit is not None:
            done = replace(story, is_done=True, is_skipped=False)
            yield _Mark(where=where, edit=edit, done=done)


class _Manner:
    """How a PRD says that a story is done: with which member, and with which word."""

    def __init__(self, stories: Sequence[StoryDraft]) -> None:
        own = ((done_member(each.record.members), each.record.members) for each in stories)
        self._usual = next((flag for flag, members in own if flag[0] in members), None)
        words = (
            each.record.members[key] for each in stories for key in done_status(each.record.members)
        )
        self._word = next((word for word in words if isinstance(word, str)), DONE)

    def of(self, story: StoryDraft) -> tuple[str, tuple[bool | str, ...]]:
        """The member that marks this story; its values, the first that the language can say."""
        own = done_member(story.record.members)
        key, value = own if own[0] in story.record.members else self._usual or own
        return key, (value,) if value is True else (self._word, DONE)


def _stories(document: Document, part: str) -> Iterator[StoryDraft]:
    for draft in recognise(document.value, Findings(path="", document=document)):
        if draft.part == part:
            yield from draft.stories


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces, end = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join((*pieces, text[end:]))


def _says_only(before: Document, marked: str, marks: Sequence[_Mark], part: str) -> bool:
    """Say whether the marked text says the same of everything but these flags."""
    try:
        after = parse(marked)
    except UnreadableError:
        return False
    now = {draft.record.where: draft for draft in _stories(after, part)}
    if not all(_reads_as(now.get(mark.where[:-1]), mark.done) for mark in marks):
        return False
    return _without(before.value, marks) == _without(after.value, marks)


def _reads_as(draft: StoryDraft | None, story: PlannedStory) -> bool:
    return draft is not None and read_story(draft).story == story


def _without(value: object, marks: Sequence[_Mark]) -> object:
    """A copy of a document's value without these flags; values that YAML shares are apart."""
    copy = json.loads(json.dumps(value))
    for mark in marks:
        *above, key = mark.where
        record = copy
        for step in above:
            record = record[step]
        record.pop(key, None)
    return copy
