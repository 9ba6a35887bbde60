"""What a story's agents have cost, from its journal alone: so every replay has the same sums."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct

from .....policies.costs.budget import Spent
from .....policies.costs.spending import Spending, reported, run_begun, run_named
from .....policies.usage import NO_USAGE, Usage
from ..agents.review_records import ReviewBegan, ReviewOver
from ..memory import Memory
from ..records import AgentBegan, AgentOver, SessionKnown
from .records import UsageSeen


class Heard(Struct, frozen=True, kw_only=True):
    """What an agent at work has said of its usage; it is journalled now and then."""

    usage: Usage = NO_USAGE
    journalled: Usage = NO_USAGE
    due_s: float = 0.0


class Funds(Struct, frozen=True, kw_only=True):
    """What the budgets of a PRD have come to, beyond the figures of its stories."""

    renewed: tuple[tuple[str, Spent], ...] = ()  # what counts no more, by story
    run_spent: str = ""  # the figures, where the budget of the whole run is used up
    used: str = ""  # ... or the PRD's own
    told: str = ""  # what people were told of that

    @property
    def why(self) -> str:
        """Why no agent of the PRD starts."""
        return self.run_spent or self.used


WorkRecord = AgentBegan | SessionKnown | UsageSeen | AgentOver
SpendingRecord = WorkRecord | ReviewBegan | ReviewOver


def spending_after(memory: Memory, record: SpendingRecord) -> Spending:
    """The story's costs after this record."""
    spending, agent = memory.spending, memory.choice.agent
    match record:
        case AgentBegan():
            return run_begun(spending, memory.session if record.is_resumed else "")
        case SessionKnown():
            return run_named(spending, agent, record.session)
        case UsageSeen():
            return reported(spending, record.agent or agent, "", record.usage)
        case AgentOver():
            return reported(spending, agent, record.outcome.session, record.outcome.usage)
        case ReviewBegan():
            return run_begun(spending, "")
        case ReviewOver():
            return reported(spending, record.agent, record.outcome.session, record.outcome.usage)
        case _:
            assert_never(record)
