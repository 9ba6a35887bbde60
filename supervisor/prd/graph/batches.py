"""Batches of stories that could run side by side, and the chain that takes longest.

Batches are what would happen if every story took as long as any other and places were free; names
that exclude each other (mutex) put stories into different batches.
"""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from .remaining import Graph, Key


def batches(graph: Graph) -> list[tuple[Key, ...]]:
    """The stories in the batches in which they could run."""
    order = graph.order
    names = {
        key: frozenset((key[0], name) for name in story.mutex)
        for key, story in graph.stories.items()
    }
    sorter = TopologicalSorter(graph.waits_for)
    sorter.prepare()
    found: list[tuple[Key, ...]] = []
    waiting: list[Key] = []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()], key=order.__getitem__)
        taken: set[Key] = set()
        batch: list[Key] = []
        later: list[Key] = []
        for key in waiting:
            if names[key].isdisjoint(taken):
                batch.append(key)
                taken |= names[key]
            else:
                later.append(key)
        found.append(tuple(batch))
        sorter.done(*batch)
        waiting = later
    return found


def critical_path(graph: Graph, lasts: Mapping[Key, float]) -> tuple[tuple[Key, ...], float]:
    """The chain of stories that takes longest, and how long, by how long each one lasts."""
    ends: dict[Key, float] = {}
    longest: dict[Key, Key | None] = {}
    for key in TopologicalSorter(graph.waits_for).static_order():
        needs = graph.waits_for[key]
        longest[key] = max(needs, key=ends.__getitem__) if needs else None
        ends[key] = max((ends[need] for need in needs), default=0.0) + lasts[key]
    if not ends:
        return (), 0.0
    last = max(ends, key=ends.__getitem__)
    path: list[Key] = []
    at: Key | None = last
    while at is not None:
        path.append(at)
        at = longest[at]
    return tuple(reversed(path)), ends[last]
