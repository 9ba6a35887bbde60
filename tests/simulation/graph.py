"""The stories of a simulated night: what they wait for, in their own PRD and in others."""

from __future__ import annotations

import random

from prd_supervise.supervisor.prd.model import PlannedStory

STORIES_MAX = 4
PRDS_MAX = 3


class Graph:
    """What a seed makes of the PRDs, by a chance of its own."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"graph {seed}")  # noqa: S311  a game, no secret
        self.is_plain = self._chance.random() < 0.3
        self.max_prds = self._chance.randint(1, 2)

    def stories(self) -> dict[str, list[PlannedStory]]:
        """Stories need only what stands further up, there or elsewhere: so all can be done."""
        sizes = {
            f"P{number}": self._chance.randint(1, STORIES_MAX)
            for number in range(self._chance.randint(1, PRDS_MAX))
        }
        return {
            prd_id: [self._story(prd_id, at, sizes) for at in range(size)]
            for prd_id, size in sizes.items()
        }

    def _story(self, prd_id: str, at: int, sizes: dict[str, int]) -> PlannedStory:
        name = f"S{at}"
        others = [f"S{other}" for other in range(sizes[prd_id]) if other != at]
        above = [f"S{other}" for other in range(at)]
        elsewhere = [
            f"{other}/S{number}"
            for other, size in sizes.items()
            if other != prd_id
            for number in range(min(at, size))
        ]
        return PlannedStory(
            story_id=name,
            title=name,
            depends_on=self._some(above, 0.3),
            after=self._some(others, 0.2),  # even against the dependencies
            mutex=self._some(["x", "y"], 0.3),
            needs=self._some(elsewhere, 0.3),
        )

    def _some(self, names: list[str], share: float) -> tuple[str, ...]:
        return tuple(name for name in names if self._chance.random() < share)
