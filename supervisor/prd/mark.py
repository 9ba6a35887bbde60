"""Marking a story as done in the text of its PRD, with every other byte left as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass

from .fields import identifier
from .ralph import items, story_list
from .source import BOM, JsonPath, Source, UnreadableError
from .story import DONE_FLAGS, is_done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """The bytes to replace, by what, and the member that they are."""

    key: str
    value: bytes
    start: int
    end: int
    text: bytes


def mark_done(text: str, story_id: str) -> str | None:
    """The same document with that story's flag set.

    None if the text cannot be read, has no such story, or has it as done already. Newlines and a
    byte order mark must stand in `text` as they stand in the file.
    """
    try:
        source = Source(text)
    except UnreadableError:
        return None
    found = _story(source, story_id)
    if found is None or is_done(found[1]):
        return None
    where, members = found
    edit = _edit(source, where, members)
    data = source.data[: edit.start] + edit.text + source.data[edit.end :]
    members[edit.key] = json.loads(edit.value)
    # A document may be spoilt by no means, not even by a gap in the grammar that gave the places.
    if _value(data.decode()) != source.value:
        return None
    return (BOM if text.startswith(BOM) else "") + data.decode()


def _story(source: Source, story_id: str) -> tuple[JsonPath, dict[str, object]] | None:
    found = story_list(source.value)
    if found is None:
        return None
    for at, story in enumerate(items(found)):
        if isinstance(story, dict) and identifier(story.get("id")) == story_id:
            return (*found.where, at), story
    return None


def _edit(source: Source, where: JsonPath, members: dict[str, object]) -> _Edit:
    flags = [name for name in DONE_FLAGS if name in members]
    if flags or "status" in members:
        # The reader goes by the first flag that is not null.
        names = [flag for flag in flags if members[flag] is not None] or flags or ["status"]
        span = source.span((*where, names[0]))
        value = b"true" if flags else b'"done"'
        return _Edit(key=names[0], value=value, start=span.start, end=span.end, text=value)
    last = source.last_member(where)
    if last is None:
        raise AssertionError(f"the story at {where} was found by its id, and has no member")
    colon = b": " if b"\n" in last.colon else last.colon
    text = b"," + last.lead + b'"passes"' + colon + b"true"
    return _Edit(key="passes", value=b"true", start=last.end, end=last.end, text=text)


def _value(text: str) -> object:
    try:
        return Source(text).value
    except UnreadableError:
        return None
