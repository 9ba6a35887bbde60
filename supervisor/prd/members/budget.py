"""How much a PRD or a story may cost: in dollars and in tokens."""

from __future__ import annotations

import re

from ....policies.bounds import COUNT_MAX, TOKENS_MAX
from ....policies.costs.budget import Budget
from .fields import Member, Record

USD = ("budgetUsd",)
TOKENS = ("budgetTokens",)
BOTH = ("budget",)

_USD_IN = ("usd", "dollars", "cost")
_TOKENS_IN = ("tokens",)
_PRICE = re.compile(r"\$\s?(\d{1,9}(?:\.\d{1,9})?)")


def read_budget(record: Record) -> Budget | None:
    """Read it; None where nothing is said. What is no amount is refused: it is a protection."""
    usd, tokens = record.find(USD), record.find(TOKENS)
    said = _usd(record, usd), _tokens(record, tokens)
    both = record.find(BOTH)
    if both is not None and usd is None and tokens is None:
        said = _both(record, both)
    if said == (None, None):
        return None
    return Budget(usd=said[0] or 0.0, tokens=said[1] or 0)


def _both(record: Record, member: Member) -> tuple[float | None, int | None]:
    """Bernstein's "$18", or an object. A bare number says no unit, and is of other tools."""
    inner = record.inner(member)
    if inner is not None:
        return _usd(inner, inner.find(_USD_IN)), _tokens(inner, inner.find(_TOKENS_IN))
    price = _PRICE.fullmatch(member.value.strip()) if isinstance(member.value, str) else None
    if price is not None:
        return float(price.group(1)), None
    record.warn(member, "it is passed over; write dollars as budgetUsd, or tokens as budgetTokens")
    return None, None


def _usd(record: Record, member: Member | None) -> float | None:
    if member is None:
        return None
    match member.value:
        case int() | float() as value if not isinstance(value, bool) and 0 <= value <= COUNT_MAX:
            return float(value)
    record.refuse(member, f"a number of dollars from 0 (as configured) to {COUNT_MAX}")
    return None


def _tokens(record: Record, member: Member | None) -> int | None:
    if member is None:
        return None
    value = member.value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= TOKENS_MAX:
        return value
    record.refuse(member, f"a whole number of tokens from 0 (as configured) to {TOKENS_MAX}")
    return None
