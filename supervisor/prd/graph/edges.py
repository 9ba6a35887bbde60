"""The graph of dependencies between the stories of one PRD."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from ..defect import quoted
from ..model import PlannedStory

CYCLES_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
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

    def near(self, name: str) -> str | None:
        """The id that was probably meant."""
        near = difflib.get_close_matches(name.casefold(), self._by_folded, n=1)
        return self._by_folded[near[0]][0] if near else None


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
    needs = {
        story.story_id: [
            need for need in (*story.depends_on, *story.after) if need != story.story_id
        ]
        for story in resolved(stories)
    }
    names = Names(story.story_id for story in stories)
    positions = {story.story_id: at for at, story in enumerate(stories)}
    for _ in range(CYCLES_MAX):
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            path = _from_first(error.args[1], positions)
            # graphlib tells of one cycle: without its first edge it finds the next one.
            needs[path[0]].remove(path[1])
            story = stories[positions[path[0]]]
            mentioned = (*story.depends_on, *story.after)
            written = next(name for name in mentioned if names.find(name) == path[1])
            way = " -> ".join(path)
            message = f"the stories wait for each other: {way}; remove one of these dependencies"
            yield Fault(story=positions[path[0]], dependency=written, message=message)
        else:
            return


def _from_first(cycle: list[str], positions: dict[str, int]) -> list[str]:
    """The cycle in the direction of `depends on`, from the story that stands first."""
    ring = cycle[:0:-1]
    first = ring.index(min(ring, key=positions.__getitem__))
    return [*ring[first:], *ring[: first + 1]]


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))
