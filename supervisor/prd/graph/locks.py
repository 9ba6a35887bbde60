"""Declared files as locks: names, of which two stories whose globs can meet have one in common.

Such a name is a `mutex` like one that the PRD has written, so what keeps stories apart by it
(policies/scheduling/schedule.py) need not know of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ....policies.values import replace
from ..model import Plan, PlannedStory
from .scopes import touching

PREFIX = "files of "
MEMBERS_MAX = 50_000  # of all names of a PRD; who is left then shares one: that keeps more apart
ALL = f"{PREFIX}too many stories"


class Lock(Struct, frozen=True, kw_only=True):
    """A name, and the stories of which no two run at once because their files meet."""

    prd_id: str
    name: str
    stories: tuple[str, ...]


class Locked(Struct, frozen=True, kw_only=True):
    """A plan whose stories have the names of their files, and those names."""

    plan: Plan
    locks: tuple[Lock, ...] = ()


def with_locks(plan: Plan) -> Locked:
    """Let stories whose declared files can meet exclude each other."""
    stories = [each for each in plan.stories if not (each.is_done or each.is_skipped)]
    locks = _locks(plan.prd_id, stories, touching([each.files for each in stories]))
    names: dict[str, list[str]] = {}
    for lock in locks:
        for story_id in lock.stories:
            names.setdefault(story_id, []).append(lock.name)
    changed = tuple(
        replace(each, mutex=tuple(dict.fromkeys((*each.mutex, *names.get(each.story_id, ())))))
        for each in plan.stories
    )
    return Locked(plan=replace(plan, stories=changed), locks=locks)


def _locks(prd_id: str, stories: Sequence[PlannedStory], met: Sequence[int]) -> tuple[Lock, ...]:
    """Cover each pair that meets by a set in which all meet: as few names as can be had quickly.

    A name is that of the pair which nothing covered before, so no two sets have the same, and a
    set mostly keeps its name when the plan changes elsewhere.
    """
    left = [found & ~(1 << at) for at, found in enumerate(met)]
    locks: list[Lock] = []
    members = 0
    for at, story in enumerate(stories):
        while left[at]:
            if members > MEMBERS_MAX:
                rest = (each.story_id for each, pairs in zip(stories, left, strict=True) if pairs)
                return (*locks, Lock(prd_id=prd_id, name=ALL, stories=tuple(rest)))
            other = _lowest(left[at])
            group = _grown(1 << at | 1 << other, left[at], met)
            ids = []
            for place in _bits(group):
                left[place] &= ~group
                ids.append(stories[place].story_id)
            members += len(ids)
            name = f"{PREFIX}{story.story_id}, {stories[other].story_id}"
            locks.append(Lock(prd_id=prd_id, name=name, stories=tuple(ids)))
    return tuple(locks)


def _grown(group: int, uncovered: int, met: Sequence[int]) -> int:
    """Take in who meets all that are in it: first those for whom that covers something."""
    common = ~group
    for place in _bits(group):
        common &= met[place]
    while common:
        one = _lowest(common & uncovered or common)
        group |= 1 << one
        common &= met[one] & ~(1 << one)
    return group


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _bits(group: int) -> Iterator[int]:
    while group:
        yield _lowest(group)
        group &= group - 1
