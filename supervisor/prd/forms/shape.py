"""Whether objects are stories at all: a list of tasks is a word of many programs."""

from __future__ import annotations

from collections.abc import Mapping

from ..members.criteria import CRITERIA, STEPS
from ..members.dependencies import DEPENDS
from ..members.draft import StoryDraft
from ..members.fields import Member, Record, folded, keys_by_name
from ..members.identity import IDS, TITLES
from ..members.progress import DONE_FLAGS, DONE_WORDS, OPEN_WORDS, SKIPPED_WORDS, status_word
from ..members.rank import PRIORITY

# Nobody else calls anything so.
SURE_LISTS = ("userStories", "stories")
# Lists that count only if their objects look like stories.
MAYBE_LISTS = ("tasks", "items", "features")

_TASKS = "tasks"
_TEXTS = ("description", "details")
_LOG = ("completedAt", "filesModified", "filesCreated", "actionsTaken", "issuesEncountered")
# Statuses of everything that a program lists.
_COMMON_WORDS = frozenset("open active new ready running approved closed started unknown".split())


def story_list(record: Record) -> Member | None:
    """The list of stories of an object; None if it has none.

    Of several lists the first one with stories in it counts.
    """
    lists = [
        member
        for member in record.find_all((*SURE_LISTS, *MAYBE_LISTS))
        if isinstance(member.value, list)
    ]
    filled = [each for each in lists if are_stories(each, is_sure=_is_sure(each))]
    return next(iter((*filled, *filter(_is_sure, lists))), None)


def drafts_of(record: Record, member: Member) -> tuple[StoryDraft, ...]:
    """The stories of a list; what is no object in it is a defect."""
    values = member.value if isinstance(member.value, list) else []
    found = []
    for at, value in enumerate(values):
        where = (*member.where, at)
        if isinstance(value, dict):
            story = Record(value, where=where, findings=record.findings)
            found.append(StoryDraft(record=story))
        else:
            record.refuse(Member(key="story", value=value, where=where), "an object")
    return tuple(found)


def are_stories(member: Member, *, is_sure: bool = False) -> bool:
    """Say whether a list is one of stories: most of its values look so, or any where it is sure."""
    values = member.value if isinstance(member.value, list) else []
    if is_sure:
        return any(isinstance(value, dict) for value in values)
    is_task = folded(member.key) == _TASKS
    stories = sum(looks_like_story(value, is_task=is_task) for value in values)
    return stories > 0 and stories * 2 >= len(values)


def looks_like_story(value: object, *, is_task: bool = False) -> bool:
    """Say whether an object says what is to be done, and something of when it is done.

    For what is called a task, an id beside the title is enough.
    """
    if not isinstance(value, dict):
        return False
    keys = keys_by_name(value)
    if not any(isinstance(each, str) for each in _values(value, keys, (*TITLES, *_TEXTS))):
        return False
    if len([name for name in _LOG if folded(name) in keys]) > 1:
        return False  # what was done: a log of stories
    return (
        (is_task and bool(_values(value, keys, IDS)))
        or any(isinstance(each, bool) for each in _values(value, keys, DONE_FLAGS))
        or any(_are_texts(each) for each in _values(value, keys, (*CRITERIA, *STEPS)))
        or any(isinstance(each, (str, int)) for each in _values(value, keys, PRIORITY))
        or _is_listed_work(value, keys)
    )


def _is_sure(member: Member) -> bool:
    return folded(member.key) in {folded(name) for name in SURE_LISTS}


def _is_listed_work(value: Mapping[str, object], keys: Mapping[str, list[str]]) -> bool:
    """An id and a text, with a status of work or with dependencies."""
    has_id = bool(_values(value, keys, IDS))
    has_text = any(isinstance(each, str) for each in _values(value, keys, _TEXTS))
    words = [each for each in _values(value, keys, ("status",)) if isinstance(each, str)]
    is_work = any(
        status_word(word) in DONE_WORDS | SKIPPED_WORDS | OPEN_WORDS
        and (has_text or status_word(word) not in _COMMON_WORDS)
        for word in words
    )
    waits = any(isinstance(each, list) for each in _values(value, keys, DEPENDS))
    has_test = any(isinstance(each, dict) for each in _values(value, keys, ("test",)))
    return has_id and (is_work or (has_text and (waits or has_test)))


def _values(
    value: Mapping[str, object], keys: Mapping[str, list[str]], names: tuple[str, ...]
) -> list[object]:
    found = (key for name in names for key in keys.get(folded(name), ()))
    return [value[key] for key in found if value[key] is not None]


def _are_texts(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if not isinstance(value, list):
        return False
    return any(isinstance(each, str) or _has_text(each) for each in value)


def _has_text(value: object) -> bool:
    names = ("text", "description", "criterion")
    return isinstance(value, dict) and any(isinstance(value.get(name), str) for name in names)
