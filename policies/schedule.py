"""Which ready story starts next, and which ones can never start."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that has not been decided: what it waits for and how urgent it is."""

    story_id: str
    depends_on: tuple[str, ...]
    rank: float  # the lowest first
    not_before_s: float = 0.0  # it backs off until then (monotonic)


def ready(candidates: Sequence[Candidate], done: Collection[str], now_s: float) -> tuple[str, ...]:
    """Name the stories that may start now, the most urgent first.

    Ties of rank go by the order of the document: real PRDs have them in one file of four.
    """
    free = [
        candidate
        for candidate in candidates
        if candidate.not_before_s <= now_s
        and all(needed in done for needed in candidate.depends_on)
    ]
    return tuple(candidate.story_id for candidate in sorted(free, key=lambda each: each.rank))


def blocked(
    candidates: Sequence[Candidate], failed: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Name the stories that cannot start because one they need failed, with that one.

    Dependants of dependants count: one failure skips its whole branch of the graph, no other.
    """
    hopeless = dict.fromkeys(failed, "")
    found: list[tuple[str, str]] = []
    changed = True
    while changed:
        changed = False
        for candidate in candidates:
            cause = next((need for need in candidate.depends_on if need in hopeless), None)
            if cause is not None and candidate.story_id not in hopeless:
                hopeless[candidate.story_id] = cause
                found.append((candidate.story_id, cause))
                changed = True
    return tuple(found)


def free_slot(taken: Collection[int]) -> int:
    """The lowest worktree slot (1, 2 ...) that nobody uses."""
    slot = 1
    while slot in taken:
        slot += 1
    return slot
