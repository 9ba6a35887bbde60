"""Records of costs and budgets, in the words of the public event log."""

from __future__ import annotations

from typing import assert_never

from ....policies.costs.budget import dollars_text, tokens_text
from ....policies.usage import Usage
from ...core.prd.costs.records import (
    BudgetFree,
    BudgetUsed,
    PrdBudgetFree,
    PrdBudgetUsed,
    UsageSeen,
)

CostRecord = UsageSeen | BudgetUsed | BudgetFree | PrdBudgetUsed | PrdBudgetFree


def cost_words(record: CostRecord) -> tuple[str, str]:
    """The name of the event, and its line."""
    match record:
        case UsageSeen():
            return "usage", f"so far: {usage_text(record.usage)}"
        case BudgetUsed() | PrdBudgetUsed():
            return "budget_used", record.text
        case BudgetFree() | PrdBudgetFree():
            return "budget_free", "it may spend again"
        case _:
            assert_never(record)


def usage_text(usage: Usage) -> str:
    """One report of an agent's: `12 k tokens, $0.42`, empty where it has said nothing."""
    parts = [tokens_text(usage.tokens)] if usage.tokens else []
    if usage.cost_usd is not None:
        parts.append(dollars_text(usage.cost_usd))
    return ", ".join(parts)
