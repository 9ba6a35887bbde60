"""Where a PRD or a story wants a person to have the word, besides what is configured."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.approval import OF_STORIES, Point, points_of
from .fields import Record, folded, items

APPROVE = ("approve",)


def read_approve(record: Record, points: Sequence[Point] = tuple(Point)) -> tuple[str, ...]:
    """One of these points, or a list of them; each of them once."""
    member = record.find(APPROVE)
    if member is None:
        return ()
    allowed = [point.value for point in points]
    said: list[str] = []
    for each in items(member):
        word = folded(each.value) if isinstance(each.value, str) else ""
        if word in allowed:
            said.append(word)
        else:
            record.refuse(each, f"one of {', '.join(allowed)}, or a list of them")
    return tuple(point.value for point in points_of(said))


def read_story_approve(record: Record) -> tuple[str, ...]:
    """The same of a story: it has no end of a PRD."""
    return read_approve(record, OF_STORIES)
