"""How much may be spent, and what was; in numbers, and as people say it."""

from __future__ import annotations

from msgspec import Struct


class Budget(Struct, frozen=True, kw_only=True):
    """What a story, a PRD or a run may cost; 0 is no bound."""

    usd: float = 0.0
    tokens: int = 0


class Spent(Struct, frozen=True, kw_only=True):
    """What it has cost so far; `usd` has the prices of the configuration where agents say none.

    Of so many of the tokens as are `unpriced` nobody knows the cost: it is not in `usd`.
    """

    usd: float = 0.0
    tokens: int = 0
    unpriced: int = 0

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(
            usd=self.usd + other.usd,
            tokens=self.tokens + other.tokens,
            unpriced=self.unpriced + other.unpriced,
        )

    def since(self, before: Spent) -> Spent:
        """What came after `before`; never less than nothing."""
        return Spent(
            usd=max(0.0, self.usd - before.usd),
            tokens=max(0, self.tokens - before.tokens),
            unpriced=max(0, self.unpriced - before.unpriced),
        )


NO_BUDGET = Budget()
NOTHING_SPENT = Spent()
_TENTH_OF_A_CENT = 0.001
_THOUSAND = 1000
_HUNDRED = 100


def used_up(budget: Budget, spent: Spent) -> str:
    """What is used up, for people: `$5.20 of $5.00 spent`; empty while there is something left."""
    if budget.usd and spent.usd >= budget.usd:
        return f"{_dollars(spent)} of {dollars_text(budget.usd)} spent"
    if budget.tokens and spent.tokens >= budget.tokens:
        return f"{tokens_text(spent.tokens)} of {tokens_text(budget.tokens)} spent"
    return ""


def spent_text(spent: Spent) -> str:
    """`1.2 M tokens, $0.42`; where the cost of some tokens is unknown, `≥ $0.42`."""
    tokens = tokens_text(spent.tokens)
    if not spent.unpriced:
        return f"{tokens}, {_dollars(spent)}" if spent.usd or spent.tokens else ""
    return f"{tokens}, {_dollars(spent)}" if spent.usd else f"{tokens}, cost unknown"


def short_text(spent: Spent) -> str:
    """The same in a narrow column: `$0.42`, or the tokens where no cost is known."""
    if spent.usd:
        return _dollars(spent)
    return f"{tokens_text(spent.tokens).removesuffix('tokens')}tok" if spent.tokens else "-"


def dollars_text(usd: float) -> str:
    """`$0.42`, `$12.00`; less than a cent with three digits."""
    return f"${usd:.3f}" if 0 < usd < 10 * _TENTH_OF_A_CENT else f"${usd:.2f}"


def tokens_text(tokens: int) -> str:
    """`950 tokens`, `12.3 k tokens`, `1.2 M tokens`."""
    number, unit = float(tokens), ""
    for larger in ("k ", "M ", "G ", "T "):
        if round(number) < _THOUSAND:
            break
        number, unit = number / _THOUSAND, larger
    digits = 1 if unit and number < _HUNDRED else 0
    text = f"{number:.{digits}f}".removesuffix(".0")
    return f"{text} {unit}token" + ("" if tokens == 1 else "s")


def _dollars(spent: Spent) -> str:
    text = dollars_text(spent.usd)
    return f"≥ {text}" if spent.unpriced else text
