"""Budgets, and what was spent, as people read it."""

from __future__ import annotations

import pytest

from prd_supervise.policies.costs.budget import (
    NO_BUDGET,
    Budget,
    Spent,
    short_text,
    spent_text,
    tokens_text,
    used_up,
)


def test_a_budget_is_used_up_when_all_of_it_is_spent() -> None:
    budget = Budget(usd=5.0)
    assert used_up(budget, Spent(usd=4.999)) == ""
    assert used_up(budget, Spent(usd=5.0)) == "$5.00 of $5.00 spent"
    assert used_up(budget, Spent(usd=5.2, tokens=10**9)) == "$5.20 of $5.00 spent"


def test_tokens_are_a_bound_of_their_own() -> None:
    assert used_up(Budget(usd=5.0, tokens=1000), Spent(usd=0.1, tokens=1200)) == (
        "1.2 k tokens of 1 k tokens spent"
    )


def test_nothing_is_no_bound() -> None:
    assert used_up(NO_BUDGET, Spent(usd=1e6, tokens=10**12)) == ""


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (0, "0 tokens"),
        (1, "1 token"),
        (950, "950 tokens"),
        (1_000, "1 k tokens"),
        (12_340, "12.3 k tokens"),
        (999_999, "1 M tokens"),
        (1_234_567, "1.2 M tokens"),
        (250_000_000, "250 M tokens"),
        (3_000_000_000, "3 G tokens"),
    ],
)
def test_tokens_are_told_in_the_unit_that_needs_the_fewest_digits(tokens: int, text: str) -> None:
    assert tokens_text(tokens) == text


def test_what_is_partly_unknown_is_told_as_a_lower_bound() -> None:
    assert spent_text(Spent(usd=0.42, tokens=1_200_000)) == "1.2 M tokens, $0.42"
    assert spent_text(Spent(usd=1.2, tokens=1000, unpriced=10)) == "1 k tokens, ≥ $1.20"
    assert spent_text(Spent(tokens=1000, unpriced=1000)) == "1 k tokens, cost unknown"
    assert spent_text(Spent()) == ""


def test_a_narrow_column_has_the_cost_or_else_the_tokens() -> None:
    assert short_text(Spent(usd=0.42, tokens=5)) == "$0.42"
    assert short_text(Spent(usd=0.002, tokens=5)) == "$0.002"
    assert short_text(Spent(tokens=1_200_000, unpriced=1_200_000)) == "1.2 M tok"
    assert short_text(Spent()) == "-"
