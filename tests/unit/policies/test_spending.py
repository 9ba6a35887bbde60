"""Each report of an agent is counted once: the cases that were measured, and hostile figures."""

from __future__ import annotations

import math

import pytest

from prd_supervise.policies.costs.budget import Spent
from prd_supervise.policies.costs.spending import (
    NO_SPENDING,
    SESSIONS_MAX,
    Spending,
    reported,
    run_begun,
    run_named,
)
from prd_supervise.policies.usage import Usage

CLAUDE = "claude"


def claude(tokens: int, usd: float) -> Usage:
    """Its tokens are of the run, its cost of the whole conversation."""
    return Usage(input_tokens=tokens, cost_usd=usd, cost_is_of_session=True)


def codex(tokens: int, usd: float | None = None) -> Usage:
    return Usage(
        input_tokens=tokens,
        cost_usd=usd,
        tokens_are_of_session=True,
        cost_is_of_session=usd is not None,
    )


def run(
    spending: Spending, agent: str, session: str, *reports: Usage, resumed: str = ""
) -> Spending:
    spending = run_begun(spending, resumed)
    for usage in reports:
        spending = reported(spending, agent, session, usage)
    return spending


def test_a_resumed_claude_counts_its_tokens_anew_and_its_cost_on() -> None:
    after = run(NO_SPENDING, CLAUDE, "s", claude(100, 0.002332))
    after = run(after, CLAUDE, "s", claude(80, 0.003132), resumed="s")
    assert after.spent.tokens == 180
    assert after.spent.usd == pytest.approx(0.003132)


def test_a_resumed_codex_counts_its_tokens_on() -> None:
    after = run(NO_SPENDING, "codex", "t", codex(421))
    after = run(after, "codex", "t", codex(521), resumed="t")
    assert after.spent.tokens == 521


def test_a_run_that_ended_without_a_report_is_caught_up_by_the_next_one() -> None:
    after = run(NO_SPENDING, "codex", "t", codex(100))
    after = run(after, "codex", "t", resumed="t")  # it failed: codex says nothing then
    after = run(after, "codex", "t", codex(900), resumed="t")
    assert after.spent.tokens == 900


def test_a_conversation_that_begins_anew_counts_from_nothing() -> None:
    after = run(NO_SPENDING, "codex", "t", codex(500))
    after = run(after, "codex", "u", codex(300))
    assert after.spent.tokens == 800


def test_the_same_report_again_and_an_older_one_add_nothing() -> None:
    after = run(NO_SPENDING, CLAUDE, "s", claude(50, 0.1), claude(50, 0.1), claude(20, 0.05))
    assert after.spent == Spent(tokens=50, usd=0.1)


def test_reports_of_a_run_grow_until_its_end() -> None:
    gemini = [Usage(input_tokens=each) for each in (10, 30, 70)]
    assert run(NO_SPENDING, "gemini", "g", *gemini).spent.tokens == 70


def test_two_agents_that_call_their_conversations_alike_are_two() -> None:
    after = run(NO_SPENDING, "codex", "1", codex(100))
    assert run(after, "qwen", "1", codex(50)).spent.tokens == 150


def test_what_was_counted_before_the_conversation_had_a_name_belongs_to_it() -> None:
    after = run_begun(NO_SPENDING, "")
    after = reported(after, "codex", "", Usage(input_tokens=100))
    after = reported(after, "codex", "t", codex(150))
    assert after.spent.tokens == 150


def test_a_run_that_goes_on_without_naming_its_conversation_is_of_the_one_it_resumed() -> None:
    after = run(NO_SPENDING, "codex", "t", codex(100))
    assert run(after, "codex", "", codex(160), resumed="t").spent.tokens == 160


def test_a_resumed_conversation_with_a_new_name_counts_on() -> None:
    after = run(NO_SPENDING, CLAUDE, "s", claude(100, 0.5))
    after = run(after, CLAUDE, "s-2", claude(10, 0.6), resumed="s")
    assert after.spent.usd == pytest.approx(0.6)


def test_a_run_whose_conversation_was_named_apart_from_its_reports_is_of_that() -> None:
    after = run_begun(NO_SPENDING, "")
    after = reported(after, "codex", "", codex(60))
    after = run_named(after, "codex", "t")
    after = reported(after, "codex", "", codex(100))
    assert run(after, "codex", "t", codex(130), resumed="t").spent.tokens == 130


def test_tokens_without_a_cost_are_known_as_such_until_it_is_told() -> None:
    early = run(NO_SPENDING, CLAUDE, "s", Usage(input_tokens=40))
    assert early.spent == Spent(tokens=40, unpriced=40)
    assert reported(early, CLAUDE, "s", claude(90, 0.3)).spent == Spent(tokens=90, usd=0.3)


def test_a_cost_of_the_conversation_settles_what_earlier_runs_of_it_left_open() -> None:
    after = run(NO_SPENDING, CLAUDE, "s", Usage(input_tokens=40))  # killed before it told its cost
    after = run(after, CLAUDE, "s", claude(10, 0.3), resumed="s")
    assert after.spent == Spent(tokens=50, usd=0.3)


def test_a_cost_of_the_run_settles_that_run_alone() -> None:
    after = run(NO_SPENDING, "x", "s", Usage(input_tokens=40))
    after = run(after, "x", "s", Usage(input_tokens=10, cost_usd=0.1), resumed="s")
    assert after.spent == Spent(tokens=50, usd=0.1, unpriced=40)


@pytest.mark.parametrize("cost", [math.nan, math.inf, -math.inf])
def test_a_cost_that_is_no_number_is_unknown(cost: float) -> None:
    usage = Usage(input_tokens=5, cost_usd=cost)
    assert run(NO_SPENDING, "x", "s", usage).spent == Spent(tokens=5, unpriced=5)


def test_figures_below_nothing_count_as_nothing() -> None:
    usage = Usage(input_tokens=-5, output_tokens=3, cost_usd=-1.0)
    assert run(NO_SPENDING, "x", "s", usage).spent == Spent(tokens=3)


def test_what_is_remembered_of_conversations_is_bounded() -> None:
    after = NO_SPENDING
    for number in range(3 * SESSIONS_MAX):
        after = run(after, "codex", f"{number}-{300 * 'x'}", codex(1))
    assert len(after.conversations) == SESSIONS_MAX
    assert max(len(each.session) for each in after.conversations) == 200
    assert after.spent.tokens == 3 * SESSIONS_MAX
