"""How much may be spent; what was spent stands beside it."""

from __future__ import annotations

from msgspec import Struct


class Budget(Struct, frozen=True, kw_only=True):
    """What a story, a PRD or a run may cost; 0 is no bound."""

    usd: float = 0.0
    tokens: int = 0


class Spent(Struct, frozen=True, kw_only=True):
    """What it has cost so far; `usd` has the prices of the configuration where agents say none."""

    usd: float = 0.0
    tokens: int = 0


NO_BUDGET = Budget()
NOTHING_SPENT = Spent()
