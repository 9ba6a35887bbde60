"""What is left to do, as a graph over all PRDs that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct

from ..model import Plan, PlannedStory

Key = tuple[str, str]  # a PRD's id and a story's


class Graph(Struct, frozen=True, kw_only=True):
    """The stories that are left, and those of them that each one waits for."""

    stories: Mapping[Key, PlannedStory]
    waits_for: Mapping[Key, tuple[Key, ...]]
    blocked: Mapping[Key, str]  # stories that never get their turn, and why

    @property
    def order(self) -> Mapping[Key, tuple[int, float, int]]:
        """Which of two stories goes first where both could: by PRD, rank, place in the document."""
        prds = {prd: at for at, prd in enumerate(dict.fromkeys(prd for prd, _ in self.stories))}
        return {
            key: (prds[key[0]], story.rank, at)
            for at, (key, story) in enumerate(self.stories.items())
        }


def graph_of(plans: Sequence[Plan]) -> Graph:
    """The graph of what is neither done nor skipped; a need of another plan counts as met."""
    stories = {
        (plan.prd_id, story.story_id): story
        for plan in plans
        for story in plan.stories
        if not (story.is_done or story.is_skipped)
    }
    waits_for = {key: tuple(_needs(key, story, stories)) for key, story in stories.items()}
    skipped = {
        (plan.prd_id, story.story_id)
        for plan in plans
        for story in plan.stories
        if story.is_skipped
    }
    blocked = _blocked(stories, skipped)
    for key in _in_cycles(waits_for):
        blocked.setdefault(key, "waits for itself, over other stories")
    free = {key: story for key, story in stories.items() if key not in blocked}
    return Graph(
        stories=free,
        waits_for={
            key: tuple(need for need in waits_for[key] if need not in blocked) for key in free
        },
        blocked=blocked,
    )


def _needs(key: Key, story: PlannedStory, stories: Mapping[Key, PlannedStory]) -> Iterable[Key]:
    inside = ((key[0], name) for name in (*story.depends_on, *story.after))
    across = ((prd, name) for prd, _, name in (need.partition("/") for need in story.needs))
    return dict.fromkeys(need for need in (*inside, *across) if need in stories and need != key)


def _blocked(stories: Mapping[Key, PlannedStory], skipped: set[Key]) -> dict[Key, str]:
    """Stories that need one that is skipped, or one that needs such a one."""
    needed_by: dict[Key, list[Key]] = {}
    for key, story in stories.items():
        needs = [(key[0], name) for name in story.depends_on]
        needs += [(prd, name) for prd, _, name in (need.partition("/") for need in story.needs)]
        for need in needs:
            needed_by.setdefault(need, []).append(key)
    found: dict[Key, str] = {}
    todo = sorted(skipped)
    while todo:
        cause = todo.pop()
        for key in needed_by.get(cause, ()):
            if key not in found:
                found[key] = f"needs {'/'.join(cause)}, which is not run"
                todo.append(key)
    return found


def _in_cycles(waits_for: Mapping[Key, tuple[Key, ...]]) -> list[Key]:
    """The stories that are in a cycle or wait for one."""
    sorter = TopologicalSorter(waits_for)
    with suppress(CycleError):  # what is in none can be had all the same
        sorter.prepare()
    reached: set[Key] = set()
    while ready := sorter.get_ready():
        reached.update(ready)
        sorter.done(*ready)
    return [key for key in waits_for if key not in reached]
