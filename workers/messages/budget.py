"""What root says to PRD supervisors of budgets."""

from __future__ import annotations

from msgspec import Struct

from ...policies.costs.budget import NOTHING_SPENT, Spent


class BudgetReleased(Struct, frozen=True, kw_only=True):
    """The user lets a story, or the whole PRD where none is named, spend its budget once more.

    `spent` is what it had cost by then: from there on it counts.
    """

    story_id: str = ""
    spent: Spent = NOTHING_SPENT


class RunSpent(Struct, frozen=True, kw_only=True):
    """The budget of the whole run is used up: `why` has the figures. Empty: it is no longer."""

    why: str = ""
