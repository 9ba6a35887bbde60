"""What was spent, as it stands in documents for programs."""

from __future__ import annotations

from ...policies.costs.budget import Spent


def spent_document(spent: Spent) -> dict[str, object]:
    """Dollars and tokens; of `unpriced_tokens` nobody knows the cost: `usd` is a lower bound."""
    return {
        "usd": round(spent.usd, 6),
        "tokens": spent.tokens,
        "unpriced_tokens": spent.unpriced,
    }
