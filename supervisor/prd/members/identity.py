"""What a story is called: its id under all names, or one made of its title; and its title."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from ....policies.values import replace
from ..defect import quoted
from ..documents.document import JsonPath
from ..names import SAFE_NAME_RULE, clean_title, is_safe_name, slug
from .draft import StoryDraft
from .fields import Member, Record, folded, identifier

IDS = ("id", "storyId", "taskId")
# Words that hold an id in some files and a text in others: they count if they can be an id.
_MAYBE_IDS = ("storyNumber", "taskNumber", "number", "key", "ref", "code", "story", "task")

TITLES = ("title", "name", "task", "story", "feature", "summary", "subject", "heading")
# Task lists often have a description alone: its first line is the title then.
_TEXTS = ("description", "details")
_CATEGORIES = ("category", "group", "epic", "phase")

_SLUG_MAX = 40
_WORDS_MAX = 6


def read_id(draft: StoryDraft) -> tuple[str, JsonPath]:
    """The story's id and where it stands; what is no safe name is a defect."""
    record = draft.record
    member = _id_member(record)
    if member is None:
        return draft.made_id, record.where
    story_id = identifier(member.value)
    if story_id is None:
        record.refuse(member, "a text or a number")
    elif not is_safe_name(story_id.strip()):
        record.findings.add(
            member.where, f"{member.key} {quoted(story_id)} is no safe name; {SAFE_NAME_RULE}"
        )
    return (story_id or "").strip(), member.where


def read_title(record: Record) -> str:
    """The story's title; a story without one is a defect."""
    member = record.find(("title",))
    if member is not None and not isinstance(member.value, str):
        record.refuse(member, "a text")
        return ""
    title = title_of(record)
    if not title:
        record.findings.add(record.where, "the story has no title; say in one line what it is for")
    return title


def title_of(record: Record) -> str:
    """The first title that says something, as one line."""
    id_member = _id_member(record)
    for member in record.find_all((*TITLES, *_TEXTS)):
        if isinstance(member.value, str) and (id_member is None or member.key != id_member.key):
            is_text = folded(member.key) in _TEXTS
            lines = member.value.strip().splitlines() if is_text else [member.value]
            title = clean_title(next(iter(lines), ""))
            if title:
                return title
    return ""


def with_made_ids(stories: Sequence[StoryDraft]) -> tuple[StoryDraft, ...]:
    """The stories, those without an id with one that is made of title and category.

    So new stories and another order rename none; of several with one title and category, the
    second one is `-2` and so on.
    """
    taken = {
        (identifier(member.value) or "").strip().casefold()
        for draft in stories
        if (member := _id_member(draft.record)) is not None
    }
    made: list[StoryDraft] = []
    numbers: dict[str, int] = {}
    for draft in stories:
        if _id_member(draft.record) is None:
            stem = name = _made_id(draft.record)
            while name in taken:
                numbers[stem] = numbers.get(stem, 1) + 1
                name = f"{stem}-{numbers[stem]}"
            taken.add(name)
            made.append(replace(draft, made_id=name))
        else:
            made.append(draft)
    return tuple(made)


def _id_member(record: Record) -> Member | None:
    for member in record.find_all(IDS):
        if not isinstance(member.value, str) or member.value.strip():
            return member
    for member in record.find_all(_MAYBE_IDS):
        story_id = identifier(member.value)
        if story_id is not None and is_safe_name(story_id.strip()) and _has_digit(story_id):
            return member
    return None


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _made_id(record: Record) -> str:
    title = title_of(record)
    category = record.find(_CATEGORIES)
    about = f"{title.casefold()}\0{category.value if category is not None else ''}"
    digest = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:4]
    return f"{_few_words(title) or 'story'}-{digest}"


def _few_words(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", slug(title[:_SLUG_MAX]).casefold())
    if len(title) > _SLUG_MAX and len(words) > 1:
        words.pop()  # it may have been cut in its middle
    return "-".join(words[:_WORDS_MAX])
