"""The Ralph family: an object with a list of stories, under many names of its keys."""

from __future__ import annotations

from .draft import Draft, StoryDraft
from .fields import Findings, Member, Record

LISTS = ("userStories", "stories", "user_stories", "tasks")


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a document of this form; None if it has another one."""
    found = story_list(document)
    if not isinstance(document, dict) or found is None:
        return None
    record = Record(document, where=(), findings=findings)
    values = items(found)
    if not values:
        findings.add(found.where, f"{found.key} is empty; write at least one story")
    stories = []
    for at, value in enumerate(values):
        where = (*found.where, at)
        if isinstance(value, dict):
            stories.append(StoryDraft(record=Record(value, where=where, findings=findings)))
        else:
            record.refuse(Member(key="story", value=value, where=where), "an object")
    return (Draft(record=record, stories=tuple(stories)),)


def story_list(document: object) -> Member | None:
    """The list of stories of a document of this form; None if it has none.

    Of several lists the first one with objects in it counts. `tasks` is a word of many programs:
    without an object in it, it is a list of something else.
    """
    if not isinstance(document, dict):
        return None
    lists = [
        Member(key=key, value=document[key], where=(key,))
        for key in LISTS
        if isinstance(document.get(key), list)
    ]
    filled = [found for found in lists if any(isinstance(story, dict) for story in items(found))]
    others = [found for found in lists if found.key != "tasks" or not items(found)]
    return next(iter((*filled, *others)), None)


def items(member: Member) -> list[object]:
    """The values of a list."""
    return member.value if isinstance(member.value, list) else []
