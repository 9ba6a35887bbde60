"""What tokens cost where an agent does not say it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..usage import Usage
from ..values import replace

_MILLION = 1_000_000


class Price(Struct, frozen=True, kw_only=True):
    """US dollars for a million tokens; `model` is a prefix of its name, empty for all."""

    model: str = ""
    input: float = 0.0
    cached: float = 0.0
    output: float = 0.0


def priced(usage: Usage, prices: Sequence[Price], model: str) -> Usage:
    """The usage with its cost: what the agent says, else what the prices make of its tokens.

    `model` is the one that it was told; what it says itself goes first. A cost that is made of
    tokens counts the session where they do.
    """
    price = price_of(prices, usage.model or model)
    if usage.cost_usd is not None or price is None or not usage.tokens:
        return usage
    cost = (
        usage.input_tokens * price.input
        + usage.cached_tokens * price.cached
        + usage.output_tokens * price.output
    ) / _MILLION
    return replace(usage, cost_usd=cost, cost_is_of_session=usage.tokens_are_of_session)


def price_of(prices: Sequence[Price], model: str) -> Price | None:
    """The price with the longest prefix of the model's name."""
    fitting = [price for price in prices if model.startswith(price.model)]
    return max(fitting, key=lambda price: len(price.model), default=None)
