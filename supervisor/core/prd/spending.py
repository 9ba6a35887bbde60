"""What a story's agents have cost, from its journal alone: so every replay has the same sums."""

from __future__ import annotations

from typing import assert_never

from ....policies.budget import NOTHING_SPENT, Spent
from ....policies.spending import Spending, reported, run_begun, run_named
from .cost_records import UsageSeen
from .memory import Memory
from .records import AgentBegan, AgentOver, SessionKnown

WorkRecord = AgentBegan | SessionKnown | UsageSeen | AgentOver


def spending_after(memory: Memory, record: WorkRecord) -> Spending:
    """The story's costs after this record."""
    spending, agent = memory.spending, memory.choice.agent
    match record:
        case AgentBegan():
            return run_begun(spending, memory.session if record.is_resumed else "")
        case SessionKnown():
            return run_named(spending, agent, record.session)
        case UsageSeen():
            return reported(spending, agent, record.session, record.usage)
        case AgentOver():
            return reported(spending, agent, record.outcome.session, record.outcome.usage)
        case _:
            assert_never(record)


def spent_by(memories: list[Memory]) -> Spent:
    """What several stories have cost together."""
    total = NOTHING_SPENT
    for memory in memories:
        if memory.spending.spent != NOTHING_SPENT:
            total = total.plus(memory.spending.spent)
    return total
