"""A run played in virtual time: what the bounds on stories at once make of a graph."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from msgspec import Struct

from .remaining import Graph, Key


class Places(Struct, frozen=True, kw_only=True):
    """How much may run at once; 0: no bound."""

    prds: int = 0
    agents: int = 0
    workers: Mapping[str, int]  # of each PRD
    auto: frozenset[str] = frozenset()  # PRDs whose number is found as it goes: no bound is known


def rehearse(graph: Graph, lasts: Mapping[Key, float], places: Places) -> tuple[float, int]:
    """How long the run takes, and how many stories are at work at most at once."""
    now, most = 0.0, 0
    for moment in _played(graph, lasts, places):
        now, most = moment.at_s, max(most, moment.at_work)
    return now, most


def endings(graph: Graph, lasts: Mapping[Key, float], places: Places) -> dict[Key, float]:
    """When each story is over."""
    played = _played(graph, lasts, places)
    return {key: moment.at_s for moment in played for key in moment.ended}


class _Moment(Struct, frozen=True, kw_only=True):
    """Some stories end; so many were at work until then."""

    at_s: float
    ended: tuple[Key, ...]
    at_work: int


def _played(graph: Graph, lasts: Mapping[Key, float], places: Places) -> Iterator[_Moment]:
    sorter = TopologicalSorter(graph.waits_for)
    sorter.prepare()
    play = _Play(graph, places)
    running: list[tuple[float, Key]] = []
    now = 0.0
    while sorter.is_active():
        for key in sorter.get_ready():
            play.queue(key)
        for key in play.start():
            heapq.heappush(running, (now + lasts[key], key))
        at_work, now = len(running), running[0][0]
        ended = []
        while running and running[0][0] == now:
            ended.append(heapq.heappop(running)[1])
        play.end(ended)
        sorter.done(*ended)
        yield _Moment(at_s=now, ended=tuple(ended), at_work=at_work)


class _Play:
    """Who runs and who waits: for a place in its PRD, or for a name that another one holds."""

    def __init__(self, graph: Graph, places: Places) -> None:
        self._stories = graph.stories
        self._order = graph.order
        self._places = places
        self._ready: dict[str, list[tuple[tuple[int, float, int], Key]]] = {}
        self._for_name: dict[Key, list[tuple[tuple[int, float, int], Key]]] = {}
        self._held: set[Key] = set()
        self._left: dict[str, int] = {}
        for prd, _ in graph.stories:
            self._left[prd] = self._left.get(prd, 0) + 1
        self._running = dict.fromkeys(self._left, 0)
        self._begun: set[str] = set()
        self._at_work = 0

    def queue(self, key: Key) -> None:
        """Let a story wait for a place."""
        heapq.heappush(self._ready.setdefault(key[0], []), (self._order[key], key))

    def start(self) -> list[Key]:
        """Start what can start; if nothing runs, then one story in any case."""
        started = [key for prd in self._left for key in self._start_in(prd)]
        if not self._at_work:  # every place is taken by PRDs that wait for others
            idle = next(prd for prd in self._left if self._ready.get(prd))
            self._begun.add(idle)
            started = list(self._start_in(idle))
        return started

    def end(self, keys: Iterable[Key]) -> None:
        """These stories are over; their names are free for others."""
        for key in keys:
            prd = key[0]
            self._at_work -= 1
            self._running[prd] -= 1
            self._left[prd] -= 1
            if not self._left[prd]:
                self._begun.discard(prd)
            names = self._names(key)
            self._held.difference_update(names)
            self._wake(names)

    def _start_in(self, prd: str) -> Iterable[Key]:
        ready, places = self._ready.get(prd, []), self._places
        if ready and prd not in self._begun:
            if places.prds and len(self._begun) >= places.prds:
                return
            self._begun.add(prd)
        workers = places.workers.get(prd, 0)
        while ready and not (workers and self._running[prd] >= workers):
            if places.agents and self._at_work >= places.agents:
                return
            entry = heapq.heappop(ready)
            names = self._names(entry[1])
            taken = next((name for name in names if name in self._held), None)
            if taken is not None:
                heapq.heappush(self._for_name.setdefault(taken, []), entry)
                self._wake(name for name in names if name not in self._held)
                continue
            self._held.update(names)
            self._running[prd] += 1
            self._at_work += 1
            yield entry[1]

    def _wake(self, names: Iterable[Key]) -> None:
        """Queue the most urgent one of those that wait for each of these free names."""
        for name in names:
            if self._for_name.get(name):
                self.queue(heapq.heappop(self._for_name[name])[1])

    def _names(self, key: Key) -> list[Key]:
        return [(key[0], name) for name in self._stories[key].mutex]
