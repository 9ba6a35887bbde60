"""The graph of dependencies between the stories of one PRD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from msgspec import Struct

from ....policies.values import replace
from ..defect import quoted
from ..model import PlannedStory

CYCLES_MAX = 20
SHARED_MAX = 500  # stories around a cycle, up to which an edge is looked for that all cycles share
TRIED_MAX = 20  # edges of a cycle that are tried
SHOWN_MAX = 100  # stories of a cycle


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong with a dependency: the story's position, and the dependency as it stands."""

    story: int
    dependency: str
    message: str


class Names:
    """The ids of one PRD's stories, and what a dependency means among them."""

    __slots__ = ("_by_folded", "_exact")

    def __init__(self, story_ids: Iterable[str]) -> None:
        self._exact = dict.fromkeys(story_ids)
        self._by_folded: dict[str, list[str]] = {}
        for story_id in self._exact:
            self._by_folded.setdefault(story_id.casefold(), []).append(story_id)

    def find(self, name: str) -> str | None:
        """Exactly that id, else the only one that is equal without case."""
        if name in self._exact:
            return name
        alike = self._by_folded.get(name.casefold(), [])
        return alike[0] if len(alike) == 1 else None


def resolved(stories: Sequence[PlannedStory]) -> tuple[PlannedStory, ...]:
    """The stories with every dependency named by the id that it means; unknown ones are dropped."""
    names = Names(story.story_id for story in stories)
    return tuple(
        replace(story, depends_on=_unique(names.find(name) for name in story.depends_on))
        for story in stories
    )


def faults(stories: Sequence[PlannedStory]) -> tuple[Fault, ...]:
    """Every story that waits for itself, and the cycles."""
    return (*_waits_for_itself(stories), *_cycles(stories))


def _waits_for_itself(stories: Sequence[PlannedStory]) -> Iterable[Fault]:
    names = Names(story.story_id for story in stories)
    for position, story in enumerate(stories):
        for name in story.depends_on:
            if names.find(name) == story.story_id:
                message = f"story {quoted(story.story_id)} depends on itself; remove that"
                yield Fault(story=position, dependency=name, message=message)


def _cycles(stories: Sequence[PlannedStory]) -> Iterable[Fault]:
    """Cycles and for each the dependency to remove: without all of them there is none left."""
    plain = resolved(stories)
    waits_for = {
        story.story_id: [
            need for need in (*story.depends_on, *story.after) if need != story.story_id
        ]
        for story in plain
    }
    written = {(story.story_id, need) for story in plain for need in story.depends_on}
    names = Names(story.story_id for story in stories)
    positions = {story.story_id: at for at, story in enumerate(stories)}
    ranks = {
        story.story_id: at for at, story in enumerate(sorted(plain, key=lambda each: each.rank))
    }
    for _ in range(CYCLES_MAX):
        cycle = _cycle(waits_for)
        if cycle is None:
            return
        path = _from_first(cycle, positions)
        edges = list(pairwise(path))
        hard = [edge for edge in edges if edge in written]  # the others only order
        story_id, need = _to_remove(hard or edges, waits_for, ranks)
        waits_for[story_id] = [other for other in waits_for[story_id] if other != need]
        story = stories[positions[story_id]]
        mentioned = (*story.depends_on, *story.after)
        name = next(name for name in mentioned if names.find(name) == need)
        key = "dependsOn" if hard else "startsAfter"
        message = f"the stories wait for each other: {_way(path)}; "
        message += f"remove {need!r} from {key} of {story_id}"
        yield Fault(story=positions[story_id], dependency=name, message=message)


def _cycle(waits_for: Mapping[str, Sequence[str]]) -> list[str] | None:
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return None


def _to_remove(
    edges: Sequence[tuple[str, str]],
    waits_for: Mapping[str, Sequence[str]],
    ranks: Mapping[str, int],
) -> tuple[str, str]:
    """The edge that all cycles around share, else the likely slip of the pen."""
    likely = _likely(edges, ranks)
    around = _around(likely[0][0], waits_for)
    if len(around) > SHARED_MAX:
        return likely[0]
    for story_id, need in likely[:TRIED_MAX]:
        rest = {
            each: [
                other
                for other in waits_for[each]
                if other in around and (each, other) != (story_id, need)
            ]
            for each in around
        }
        if _cycle(rest) is None:
            return story_id, need
    return likely[0]


def _likely(edges: Sequence[tuple[str, str]], ranks: Mapping[str, int]) -> list[tuple[str, str]]:
    """The edges, first those that go against the others of the cycle, the longest one first.

    Mostly that is a story that goes early and waits for one that goes late. Where nearly all do,
    it is the one that closes the ring.
    """
    back = [edge for edge in edges if ranks[edge[0]] < ranks[edge[1]]]
    sign = 1 if 2 * len(back) <= len(edges) else -1
    return sorted(edges, key=lambda edge: sign * (ranks[edge[0]] - ranks[edge[1]]))


def _around(start: str, waits_for: Mapping[str, Sequence[str]]) -> set[str]:
    """The stories that are in a cycle with this one; all that it waits for, if they are many."""
    ahead = _reached(start, waits_for)
    if len(ahead) > SHARED_MAX:
        return ahead
    back: dict[str, list[str]] = {}
    for story_id in ahead:
        for need in waits_for[story_id]:
            back.setdefault(need, []).append(story_id)
    return _reached(start, back)


def _reached(start: str, edges: Mapping[str, Sequence[str]]) -> set[str]:
    found = {start}
    todo = [start]
    while todo and len(found) <= SHARED_MAX:
        for other in edges.get(todo.pop(), ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def _way(path: Sequence[str]) -> str:
    if len(path) <= SHOWN_MAX:
        return " -> ".join(path)
    left = len(path) - SHOWN_MAX
    shown = [*path[: SHOWN_MAX // 2], f"({left} more)", *path[-SHOWN_MAX // 2 :]]
    return " -> ".join(shown)


def _from_first(cycle: list[str], positions: Mapping[str, int]) -> list[str]:
    """The cycle in the direction of `depends on`, from the story that stands first."""
    ring = cycle[:0:-1]
    first = ring.index(min(ring, key=positions.__getitem__))
    return [*ring[first:], *ring[: first + 1]]


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))
