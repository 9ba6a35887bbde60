"""Where doctor looks: the repository, its settings, and its PRDs, which are read when wanted."""

from __future__ import annotations

import os
from functools import cached_property, partial
from pathlib import Path

from msgspec import Struct

from ....workers.messages.agents import AgentRules
from ...core.root.records import PrdState
from ...prd.discover import discover
from ...prd.model import Plan
from ...shell.plans.accepted import read_accepted
from ...shell.plans.identity import known_prds
from ...shell.plans.submission import ReadTogether, read_together
from ...shell.repository.checkout import Checkout, tracked_files
from ...shell.storage.layout import Layout
from ..known import known_board
from ..settings.config import Settings
from ..settings.tree import agent_rules


class Here(Struct, frozen=True, kw_only=True, dict=True):
    """A repository; where its settings are broken, those by default, and nobody is to be blamed."""

    checkout: Checkout
    settings: Settings
    layout: Layout

    @property
    def top(self) -> Path:
        """The repository's root."""
        return self.checkout.top

    @cached_property
    def rules(self) -> AgentRules:
        """All that is set about agents."""
        return agent_rules(self.settings, self.top)

    @cached_property
    def read(self) -> ReadTogether:
        """The PRDs that are found, read as `start` would."""
        board = known_board(self.layout)
        known = known_prds(board.rows, partial(read_accepted, self.layout))
        found = discover(self.top, self.settings.prds)
        return read_together(found.paths, known=known, base_branch=self.checkout.branch)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """Those PRDs that are not completed."""
        rows = known_board(self.layout).rows
        done = {key for key, row in rows.items() if row.state is PrdState.COMPLETED}
        return tuple(plan for plan in self.read.plans if plan.prd_id not in done)

    @cached_property
    def tracked(self) -> tuple[str, ...]:
        """The files that git knows."""
        return tracked_files(self.checkout)


def here_at(checkout: Checkout, settings: Settings | None) -> Here:
    """The repository of a checkout."""
    known = settings or Settings()
    return Here(checkout=checkout, settings=known, layout=checkout.layout(known.worktree.root))


def environment() -> dict[str, str]:
    """The environment, as whoever looks has it."""
    return dict(os.environ)
