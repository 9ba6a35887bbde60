"""Marking a story as done in its PRD, with every other byte of the file left as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .documents.document import Document, JsonPath, UnreadableError
from .documents.parse import parse
from .documents.text import decode
from .forms.draft import StoryDraft
from .forms.fields import Findings
from .forms.recognise import recognise
from .forms.story import done_member, read_story
from .model import PlannedStory


def mark_done(data: bytes, story_id: str, part: str = "") -> bytes | None:
    """The same file with that story's flag set; `part` names the PRD where it holds several.

    None if the file cannot be read, has no such story, has it as done already, or has no way to say
    so without saying it of others too.
    """
    try:
        text = decode(data)
        document = parse(text.text)
    except UnreadableError:
        return None
    stories = tuple(_stories(document, part))
    # Of two stories with one id the first one counts.
    story = next((each for each in stories if _id(each) == story_id), None)
    if story is None or read_story(story).story.is_done:
        return None
    key, value = _flag(story, stories)
    where = (*story.record.where, key)
    edit = document.put(where, value=value)
    if edit is None:
        return None
    marked = edit.apply(text.text)
    # A document may be spoilt by no means, not even by a gap in what gave the places.
    is_sound = _is_only_mark(document, marked, where, _done(story), part)
    return text.encoded(marked) if is_sound else None


def _stories(document: Document, part: str) -> Iterator[StoryDraft]:
    for draft in recognise(document.value, Findings(path="", document=document)):
        if draft.part == part:
            yield from draft.stories


def _id(story: StoryDraft) -> str:
    return read_story(story).story.story_id


def _flag(story: StoryDraft, others: Sequence[StoryDraft]) -> tuple[str, bool | str]:
    """The member that marks the story, and its value: as the other stories of the PRD have it."""
    key, value = done_member(story.record.members)
    if key not in story.record.members:
        alike = (done_member(each.record.members) for each in others)
        known = zip(alike, others, strict=True)
        key, value = next(
            (found for found, each in known if found[0] in each.record.members), (key, value)
        )
    return key, value


def _done(story: StoryDraft) -> PlannedStory:
    return replace(read_story(story).story, is_done=True, is_skipped=False)


def _is_only_mark(
    document: Document, marked: str, where: JsonPath, done: PlannedStory, part: str
) -> bool:
    """Say whether the marked text says the same of everything but this story's flag."""
    try:
        after = parse(marked)
    except UnreadableError:
        return False
    if _without(document.value, where) != _without(after.value, where):
        return False
    now = next((each for each in _stories(after, part) if each.record.where == where[:-1]), None)
    return now is not None and read_story(now).story == done


def _without(value: object, where: JsonPath) -> object:
    """The value without what stands at `where`; only what contains it is copied."""
    if not where:
        return None
    key, *below = where
    if isinstance(value, dict) and key in value:
        rest = {name: inner for name, inner in value.items() if name != key}
        return [rest, _without(value[key], tuple(below))]
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [value[:key], value[key + 1 :], _without(value[key], tuple(below))]
    return [value, None]
