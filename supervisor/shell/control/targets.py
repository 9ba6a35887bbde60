"""What people name: a PRD, a story as `PRD/STORY`, or a story whose id no other PRD has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from ...prd.defect import nearest
from ..board import Board
from ..plans.accepted import read_accepted
from ..storage.layout import Layout

NAMES_SHOWN = 12


class TargetError(Exception):
    """Nobody here is called so; the text says who is."""


class Target(Struct, frozen=True, kw_only=True):
    """A PRD, or a story of it."""

    prd_id: str
    story_id: str = ""

    def __str__(self) -> str:
        return f"{self.prd_id}/{self.story_id}" if self.story_id else self.prd_id


def stories_of(layout: Layout, board: Board) -> dict[str, tuple[str, ...]]:
    """The stories of each PRD that was run; of one that has not begun, those of its plan."""
    found: dict[str, tuple[str, ...]] = {}
    for prd_id, row in board.rows.items():
        plan = None if row.stories else read_accepted(layout, prd_id)
        planned = () if plan is None else tuple(story.story_id for story in plan.stories)
        found[prd_id] = tuple(row.stories) or planned
    return found


def resolve(name: str, known: Mapping[str, Sequence[str]]) -> Target:
    """Find out who is meant, among these PRDs and their stories."""
    prd_id, slash, story_id = name.partition("/")
    if not slash and prd_id not in known:
        return _bare_story(name, known)
    if prd_id not in known:
        raise TargetError(f"{name}: no such PRD here; there are: {_listed(known, prd_id)}")
    if slash and story_id not in known[prd_id]:
        raise TargetError(f"{name}: no such story; there are: {_listed(known[prd_id], story_id)}")
    return Target(prd_id=prd_id, story_id=story_id)


def _bare_story(name: str, known: Mapping[str, Sequence[str]]) -> Target:
    owners = [prd_id for prd_id, stories in known.items() if name in stories]
    if not owners:
        stories = {story for each in known.values() for story in each}
        listed = _listed(known, name, beside=stories)
        raise TargetError(f"{name}: no such PRD or story here; the PRDs are: {listed}")
    if len(owners) > 1:
        choice = " or ".join(f"{prd_id}/{name}" for prd_id in owners)
        raise TargetError(f"{name}: {len(owners)} PRDs have a story of this id; write {choice}")
    return Target(prd_id=owners[0], story_id=name)


def _listed(names: Collection[str], name: str, *, beside: Collection[str] = ()) -> str:
    """These names, as many as can be read, and the one that was probably meant."""
    shown = ", ".join(list(names)[:NAMES_SHOWN]) or "none yet"
    left = len(names) - NAMES_SHOWN
    more = f" and {left} more" if left > 0 else ""
    near = nearest(name, [*names, *beside]) if len(names) + len(beside) > 1 else ""
    return f"{shown}{more}; did you mean {near}?" if near else shown + more
