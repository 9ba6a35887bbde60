from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.policies.costs.budget import Budget
from prd_supervise.supervisor.prd.read import Reading, read_file


def read(tmp_path: Path, **members: object) -> Reading:
    """A PRD whose only story, and the PRD itself, say the same."""
    path = tmp_path / "prd.json"
    story = {"id": "A", "title": "a", **members}
    path.write_text(json.dumps({"userStories": [story], **members}))
    return read_file(path)


@pytest.mark.parametrize(
    ("members", "budget"),
    [
        ({}, None),
        ({"budgetUsd": 2.5}, Budget(usd=2.5)),
        ({"budget_usd": 3, "budget_tokens": 1_000_000}, Budget(usd=3.0, tokens=1_000_000)),
        ({"budgetTokens": 7}, Budget(tokens=7)),
        ({"budgetUsd": 0}, Budget()),
        ({"budget": "$18"}, Budget(usd=18.0)),
        ({"budget": {"usd": 4, "tokens": 5}}, Budget(usd=4.0, tokens=5)),
        ({"budget": {"usd": 4}, "budgetUsd": 1}, Budget(usd=1.0)),
    ],
)
def test_a_budget_is_read_of_a_prd_and_of_a_story(
    tmp_path: Path, members: dict[str, object], budget: Budget | None
) -> None:
    reading = read(tmp_path, **members)
    assert reading.defects == ()
    (plan,) = reading.plans
    assert (plan.budget, plan.stories[0].budget) == (budget, budget)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"budgetUsd": "5"},
            "budgetUsd is '5'; a number of dollars from 0 (as configured)",
        ),
        ({"budgetUsd": -1}, "budgetUsd is -1; a number of dollars"),
        ({"budgetUsd": True}, "budgetUsd is true; a number of dollars"),
        ({"budgetTokens": 1.5}, "budgetTokens is 1.5; a whole number of tokens"),
        ({"budget": {"usd": "x"}}, "usd is 'x'; a number of dollars"),
    ],
)
def test_an_amount_that_is_none_is_refused_because_it_protects(
    tmp_path: Path, members: dict[str, object], message: str
) -> None:
    errors = read(tmp_path, **members).errors
    assert len(errors) == 2
    assert errors[0].message.startswith(message)


def test_a_budget_without_a_unit_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    reading = read(tmp_path, budget=20)
    assert reading.plans[0].budget is None
    assert "write dollars as budgetUsd" in reading.defects[0].message
