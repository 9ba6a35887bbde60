"""How the work of a simulated night comes together: trains, conflicts, other hands, landings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.landing.landing_state import LANDING_NAME
from prd_supervise.supervisor.prd.model import PlannedStory
from prd_supervise.workers.messages.merging import Conflict
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.rules import MergeRules, OnFailure
from tests.simulation.actors import Nature
from tests.simulation.faults import STRIKES_UNTIL_S
from tests.support.prd_nature import ROOMY, Script

STORIES_MAX = 7
MERGED_S = 6.0  # the most that a train takes: who finishes meanwhile goes with the next one
MEETING = (Conflict(path="app.py"),)


class Together:
    """What a seed makes of it, by a chance of its own.

    Half of the nights are wide: many stories that depend on nobody finish at about the same time.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"together {seed}")  # noqa: S311  a game, no secret
        self.is_wide = self._is(0.5)
        self.leases = self._chance.randint(2, 8) if not self.is_wide else 8

    def _is(self, share: float) -> bool:
        return self._chance.random() < share

    def stories(self) -> dict[str, list[PlannedStory]]:
        """Stories of names that no two PRDs share, as their branches go into one."""
        return {f"P{number}": self._wide(f"P{number}") for number in range(self._one_or_two())}

    def _one_or_two(self) -> int:
        return self._chance.randint(1, 2)

    def _wide(self, prd_id: str) -> list[PlannedStory]:
        names = [f"{prd_id}S{at}" for at in range(self._chance.randint(3, STORIES_MAX))]
        return [
            PlannedStory(
                story_id=name,
                title=name,
                depends_on=tuple(each for each in names[:at] if self._is(0.15)),
            )
            for at, name in enumerate(names)
        ]

    def limits(self, limits: Limits) -> Limits:
        """How wide a PRD works, and whether one failure ends it."""
        width = self._chance.choice((0, 8, 8, 3, 2))
        return replace(limits, max_workers=width, fail_fast=self._is(0.1))

    def merging(self) -> MergeRules:
        """What a configuration may say of a PRD's merges and of its end."""
        return MergeRules(
            reconcile=self._is(0.5),
            fallback=self._is(0.9),
            speculate=self._is(0.8),
            cars_max=self._chance.choice((1, 2, 3, 8, 8, 8)),
            compare_s=self._chance.choice((0.0, 1.0, 30.0)),
            on_failure=OnFailure.ROLLBACK if self._is(0.2) else OnFailure.KEEP,
            # The other nights have stories of the same names in several PRDs.
            auto=self.is_wide and self._is(0.6),
            push=self._is(0.3),
        )

    def script(self, script: Script, names: Sequence[str]) -> Script:
        """What goes otherwise than well where several work at once."""
        pairs = [*combinations(names, 2)]
        heads = ((f"{one}@1", f"{other}@1") for one, other in pairs if self._is(0.1))
        reds = [(name, 1, "setup") for name in names if self._is(0.05)]
        reds += [(LANDING_NAME, 1, "landing")] if self._is(0.1) else []
        return replace(
            script,
            clashes=frozenset(heads),
            by_story=frozenset({"make test"}) if self._is(0.2) else frozenset(),
            red_trees=frozenset({"base"}) if self._is(0.15) else frozenset(),
            setups=frozenset((name, at) for name in names for at in (1, 2) if self._is(0.2)),
            reds=script.reds | frozenset(reds),
            meetings={pair: MEETING for pair in pairs if self._is(0.1)},
        )

    def plan(self, nature: Nature) -> None:
        """Decide when other hands move a branch, and when there is no room for a worktree."""
        nature.merged_s = MERGED_S if self.is_wide else nature.merged_s
        for prd_id in nature.repositories:
            if self._is(0.3):
                self._at(nature, lambda prd_id=prd_id: nature.move_branch(prd_id))
            if self._is(0.3):
                self._at(nature, nature.move_base)
            if self._is(0.3):
                room = self._chance.randint(0, 2)
                at_s = self._at(nature, lambda p=prd_id, n=room: nature.has_room(p, n))
                over_s = at_s + self._chance.random() * 60.0
                self._at(nature, lambda prd_id=prd_id: nature.has_room(prd_id, ROOMY), over_s)

    def _at(self, nature: Nature, what: object, at_s: float | None = None) -> float:
        def strike() -> None:  # a power cut leaves what is called so
            assert callable(what)
            what()

        at_s = (
            nature.kernel.now_s + self._chance.random() * STRIKES_UNTIL_S if at_s is None else at_s
        )
        nature.kernel.at(at_s, strike)
        return at_s
