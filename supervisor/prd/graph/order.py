"""What waits for what in plans that belong together, and what may be added without a cycle.

Every set of stories is an integer, one bit a story. Stories that are done or skipped order nothing
any more, and a story in a cycle never gets its turn: neither gets an edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from ..model import Plan, PlannedStory


def groups_of(plans: Sequence[Plan]) -> tuple[tuple[Plan, ...], ...]:
    """The plans that are linked by what their stories need of each other."""
    places = {plan.prd_id: at for at, plan in enumerate(plans)}
    group = list(range(len(plans)))

    def first_of(at: int) -> int:
        while group[at] != at:
            group[at] = group[group[at]]
            at = group[at]
        return at

    for at, plan in enumerate(plans):
        for story in plan.stories:
            for need in story.needs:
                other = places.get(need.partition("/")[0])
                if other is not None:
                    group[first_of(other)] = first_of(at)
    found: dict[int, list[Plan]] = {}
    for at, plan in enumerate(plans):
        found.setdefault(first_of(at), []).append(plan)
    return tuple(map(tuple, found.values()))


class Order:
    """Which stories come before which, of plans that are linked."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._stories: list[PlannedStory] = []
        self._starts: list[int] = []
        for plan in plans:
            self._starts.append(len(self._stories))
            self._stories += sorted(plan.stories, key=lambda story: story.rank)
        self._starts.append(len(self._stories))
        self._open = [not (story.is_done or story.is_skipped) for story in self._stories]
        self._waits_for = self._edges(plans)
        self._followers: list[list[int]] = [[] for _ in self._stories]
        for at, needs in enumerate(self._waits_for):
            for need in needs:
                self._followers[need].append(at)
        self._before = [0] * len(self._stories)
        self._settle()

    def by_priority(self, plan: int) -> list[PlannedStory]:
        """The stories of a plan, the most urgent first; ties in the order of the document."""
        return self._stories[self._starts[plan] : self._starts[plan + 1]]

    def add(self, plan: int, collisions: Sequence[int]) -> list[tuple[int, int]]:
        """Order each story of a plan with those that it collides with; say which edges are new.

        Edges and bits count from the plan's first story by priority.
        """
        start = self._starts[plan]
        new: list[tuple[int, int]] = []
        for at, met in enumerate(collisions, start):
            if self._open[at]:
                found = list(self._ordered_after(at, (met << start) & ((1 << at) - 1)))
                new += [(at, other) for other in found]
                self._waits_for[at] += found
                for other in found:
                    self._followers[other].append(at)
                if found:
                    self._tell_followers(at)
        kept = [edge for edge in new if not self._is_implied(*edge)]
        return [(at - start, other - start) for at, other in kept]

    def _ordered_after(self, at: int, candidates: int) -> Iterator[int]:
        """The candidates that need an edge, the nearest first: it often implies the others."""
        candidates &= ~self._before[at]
        while candidates:
            other = candidates.bit_length() - 1
            candidates ^= 1 << other
            if self._open[other] and not self._before[other] >> at & 1:
                self._before[at] |= self._before[other] | 1 << other
                candidates &= ~self._before[at]
                yield other

    def _tell_followers(self, at: int) -> None:
        """What comes before a story comes before those that wait for it, too."""
        todo = [at]
        while todo:
            each = todo.pop()
            for follower in self._followers[each]:
                more = self._before[follower] | self._before[each] | 1 << each
                if more != self._before[follower]:
                    self._before[follower] = more
                    todo.append(follower)

    def _is_implied(self, at: int, other: int) -> bool:
        return any(
            need != other and self._before[need] >> other & 1 for need in self._waits_for[at]
        )

    def _edges(self, plans: Sequence[Plan]) -> list[list[int]]:
        spans = list(zip(plans, pairwise(self._starts), strict=True))
        place = {
            (plan.prd_id, self._stories[at].story_id): at
            for plan, (start, end) in spans
            for at in range(start, end)
        }
        edges: list[list[int]] = []
        for plan, (start, end) in spans:
            for at in range(start, end):
                story = self._stories[at]
                names = [(plan.prd_id, need) for need in (*story.depends_on, *story.after)]
                names += [
                    (prd, need) for prd, _, need in (each.partition("/") for each in story.needs)
                ]
                found = [place[name] for name in names if name in place]
                edges.append([need for need in found if self._open[need] and self._open[at]])
        return edges

    def _settle(self) -> None:
        """Work out all that comes before each story; close those of a cycle."""
        sorter = TopologicalSorter(dict(enumerate(self._waits_for)))
        with suppress(CycleError):  # what is in no cycle can be had all the same
            sorter.prepare()
        reached: set[int] = set()
        while ready := sorter.get_ready():
            for at in ready:
                for need in self._waits_for[at]:
                    self._before[at] |= self._before[need] | 1 << need
            reached.update(ready)
            sorter.done(*ready)
        for at in range(len(self._stories)):
            if at not in reached:
                self._open[at] = False
