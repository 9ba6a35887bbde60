"""Which ready story starts next, and which ones can never start."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct


class Candidate(Struct, frozen=True, kw_only=True):
    """A story that has not been decided: what it waits for and how urgent it is."""

    story_id: str
    depends_on: tuple[str, ...] = ()  # these have to be done
    after: tuple[str, ...] = ()  # these go first, whatever becomes of them; never both at once
    mutex: tuple[str, ...] = ()  # names of which two stories at work have none in common
    rank: float = 0.0  # the lowest first
    not_before_s: float = 0.0  # it backs off until then (monotonic)
    is_stuck: bool = False  # only somebody else can let it begin, so it holds nobody up


def ready(
    candidates: Sequence[Candidate],
    done: Collection[str],
    now_s: float,
    running: Sequence[Candidate] = (),
) -> tuple[str, ...]:
    """Name the stories that may start now, all of them at once, the most urgent first.

    Ties of rank go by the order of the document: real PRDs have them in one file of four.
    """
    stuck = _stuck(candidates)
    moving = [each for each in candidates if each.story_id not in stuck]
    free = [
        each
        for each in moving
        if each.not_before_s <= now_s and all(needed in done for needed in each.depends_on)
    ]
    free.sort(key=lambda each: each.rank)
    in_turn = _in_turn(free, moving, running)
    if free and not in_turn and not running and all(each.not_before_s <= now_s for each in moving):
        in_turn = free[:1]  # an order against the dependencies gives way: nobody else ever moves
    return _exclusive(in_turn, running)


def _stuck(candidates: Sequence[Candidate]) -> frozenset[str]:
    """The stories that nothing of ours can move, and those that need them."""
    stuck = [each.story_id for each in candidates if each.is_stuck]
    if not stuck:
        return frozenset()
    return frozenset((*stuck, *(name for name, _ in blocked(candidates, stuck))))


def _in_turn(
    free: Iterable[Candidate], moving: Iterable[Candidate], running: Iterable[Candidate]
) -> list[Candidate]:
    """Leave out who comes after somebody, and whose followers went ahead and still run."""
    ahead = {each.story_id for each in (*moving, *running)}
    overtaken = {name for each in running for name in each.after}
    return [
        each for each in free if each.story_id not in overtaken and ahead.isdisjoint(each.after)
    ]


def _exclusive(free: Iterable[Candidate], running: Iterable[Candidate]) -> tuple[str, ...]:
    """Leave out whose names are taken, or are wanted by somebody more urgent who waits for one.

    So a story with two names does not wait for ever for stories with one.
    """
    taken = {name for each in running for name in each.mutex}
    found: list[str] = []
    for each in free:
        if taken.isdisjoint(each.mutex):
            found.append(each.story_id)
        taken.update(each.mutex)
    return tuple(found)


def blocked(candidates: Iterable[Candidate], failed: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Name the stories that cannot start because one they need failed, with that one.

    Dependants of dependants count: one failure skips its whole branch of the graph, no other.
    """
    dependants: dict[str, list[str]] = defaultdict(list)
    for each in candidates:
        for need in each.depends_on:
            dependants[need].append(each.story_id)
    causes = dict.fromkeys(failed, "")
    todo = deque(causes)
    while todo:
        cause = todo.popleft()
        for story_id in dependants.get(cause, ()):
            if story_id not in causes:
                causes[story_id] = cause
                todo.append(story_id)
    return tuple((story_id, cause) for story_id, cause in causes.items() if cause)
