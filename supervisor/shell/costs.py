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


def spent_from(document: object) -> Spent:
    """The figures again, from such a member."""
    said = document if isinstance(document, dict) else {}
    return Spent(
        usd=float(said.get("usd", 0.0)),
        tokens=int(said.get("tokens", 0)),
        unpriced=int(said.get("unpriced_tokens", 0)),
    )
