"""Which worktree slot a story gets, and whose worktree it takes over where there are enough."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from msgspec import Struct


class Holder(Struct, frozen=True, kw_only=True):
    """A story whose last attempt used this slot, and whose worktree is still of use."""

    story_id: str
    slot: int
    is_busy: bool  # an attempt of it is under way
    is_failed: bool  # its worktree is for people to look at
    has_open_work: bool = False  # not committed: its next attempt goes on with it


class Pool(Struct, frozen=True, kw_only=True):
    """How many worktrees there may be.

    `width` stories at once (0: no bound) and `kept` of failed stories. `usable` are the only slots
    that have a worktree, where no further one can be made; None: nobody is short of anything.
    """

    width: int
    kept: int
    usable: Collection[int] | None = None


class Choice(Struct, frozen=True, kw_only=True):
    """A slot, and the stories that give up their worktree for it."""

    slot: int
    evicted: tuple[str, ...] = ()


def choose_slot(own: int, holders: Sequence[Holder], pool: Pool) -> Choice:
    """Choose a slot for a story whose last one was `own` (0: none); the others are `holders`.

    Its own one while nobody else uses that, else the lowest that nobody needs, else, with as many
    worktrees as may be, one of somebody who waits. Nobody is disturbed at work.
    """
    busy = {each.slot for each in holders if each.is_busy}
    held = {each.slot for each in holders} | busy
    if own and own not in held and _has(pool, own):
        return Choice(slot=own)
    usable = pool.usable
    if usable is None:
        slot = free_slot(held)
        if slot <= (pool.width + pool.kept if pool.width else math.inf):
            return Choice(slot=slot)
    else:
        free = sorted(set(usable) - held)
        if free:
            return Choice(slot=free[0])
    waiting = [each for each in holders if each.slot not in busy and _has(pool, each.slot)]
    if not waiting:
        return Choice(slot=free_slot(held if usable is None else held | set(usable)))
    slot = min(waiting, key=lambda each: _worth(each, waiting, pool)).slot
    return Choice(slot=slot, evicted=tuple(e.story_id for e in waiting if e.slot == slot))


def kept_slots(holders: Sequence[Holder], kept: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The slots of failed stories that stay at a PRD's end, and the stories that lose theirs."""
    failed = [each for each in holders if each.is_failed]
    gone = failed[: max(0, len(failed) - kept)]
    stay = failed[len(gone) :]
    return tuple(each.slot for each in stay), tuple(each.story_id for each in gone)


def _has(pool: Pool, slot: int) -> bool:
    return pool.usable is None or slot in pool.usable


def _worth(holder: Holder, holders: Sequence[Holder], pool: Pool) -> tuple[int, int]:
    """The order in which worktrees are taken over, the lowest first.

    Failed stories beyond those that are kept, those that wait with all of theirs committed, other
    failed ones, and last what is not committed.
    """
    failed = sum(each.is_failed for each in holders)
    if holder.is_failed:
        return (0 if failed > pool.kept else 2), holder.slot
    return (3 if holder.has_open_work else 1), holder.slot


def free_slot(taken: Collection[int]) -> int:
    """The lowest worktree slot (1, 2 ...) that nobody uses."""
    slot = 1
    while slot in taken:
        slot += 1
    return slot
