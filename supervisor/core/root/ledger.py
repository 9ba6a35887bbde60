"""What PRDs have cost, against the budget of the whole run; and what was released by a person."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ....policies.costs.budget import NO_BUDGET, NOTHING_SPENT, Budget, Spent, used_up
from ....policies.values import replace
from ....workers.messages.budget import BudgetReleased
from .records import CostRecord, RunBegun


class Ledger(Struct, frozen=True, kw_only=True):
    """What root knows of costs; by PRD."""

    budget: Budget = NO_BUDGET  # of the run
    spent: Mapping[str, Spent] = field(default_factory=dict)
    since: Mapping[str, Spent] = field(default_factory=dict)  # ... when the run began
    renewed: Mapping[tuple[str, str], Spent] = field(default_factory=dict)  # PRD and story
    used: str = ""  # the figures, where the run's budget is used up

    @property
    def of_run(self) -> Spent:
        """What the run has cost so far."""
        total = NOTHING_SPENT
        for prd_id, spent in self.spent.items():
            total = total.plus(spent.since(self.since.get(prd_id, NOTHING_SPENT)))
        return total

    @property
    def note(self) -> str:
        """Why nothing starts, for people."""
        command = "`prd-supervise release --budget` lets it go on"
        return f"{self.used}; {command}" if self.used else ""

    def renewed_of(self, prd_id: str) -> tuple[BudgetReleased, ...]:
        """What a PRD's supervisor is told of releases."""
        return tuple(
            BudgetReleased(story_id=story_id, spent=spent)
            for (name, story_id), spent in sorted(self.renewed.items())
            if name == prd_id
        )


def weighed(ledger: Ledger) -> Ledger:
    """The ledger with the conclusion from its figures."""
    figures = used_up(ledger.budget, ledger.of_run) if ledger.budget != NO_BUDGET else ""
    used = f"the run's budget: {figures}" if figures else ""
    return ledger if used == ledger.used else replace(ledger, used=used)


def ledger_after(ledger: Ledger, record: CostRecord) -> Ledger:
    """The ledger after this record; the same while the night runs and when it is replayed."""
    if isinstance(record, RunBegun):
        return replace(ledger, since=dict(record.spent))
    name = (record.prd_id, record.story_id)
    return replace(ledger, renewed={**ledger.renewed, name: record.spent})
