"""What tokens cost where the agent does not say it."""

from __future__ import annotations

import pytest

from prd_supervise.policies.costs.price import Price, price_of, priced
from prd_supervise.policies.usage import Usage

ALL = Price(input=1.0, cached=0.1, output=10.0)
GPT = Price(model="gpt-5", input=2.0, cached=0.2, output=20.0)
MINI = Price(model="gpt-5-mini", input=0.5, cached=0.05, output=5.0)


def test_the_longest_prefix_of_the_models_name_wins() -> None:
    assert price_of((ALL, MINI, GPT), "gpt-5-mini-2026") is MINI
    assert price_of((ALL, MINI, GPT), "gpt-5.1") is GPT
    assert price_of((ALL, MINI, GPT), "") is ALL
    assert price_of((MINI, GPT), "o3") is None


def test_tokens_are_priced_by_their_kind() -> None:
    usage = Usage(input_tokens=1_000_000, cached_tokens=2_000_000, output_tokens=500_000)
    assert priced(usage, (GPT,), "gpt-5").cost_usd == pytest.approx(2.0 + 0.4 + 10.0)


def test_what_the_agent_says_of_its_cost_goes_first() -> None:
    usage = Usage(input_tokens=1_000_000, cost_usd=0.07)
    assert priced(usage, (ALL,), "") == usage


def test_the_model_that_the_agent_names_goes_before_the_one_it_was_told() -> None:
    usage = Usage(output_tokens=1_000_000, model="gpt-5-mini")
    assert priced(usage, (ALL, MINI, GPT), "gpt-5").cost_usd == pytest.approx(5.0)


def test_a_cost_that_is_made_of_a_conversations_tokens_is_of_the_conversation() -> None:
    usage = Usage(output_tokens=1_000_000, tokens_are_of_session=True)
    assert priced(usage, (ALL,), "").cost_is_of_session


def test_without_a_price_the_cost_stays_unknown() -> None:
    usage = Usage(output_tokens=1_000_000)
    assert priced(usage, (GPT,), "o3").cost_usd is None
    assert priced(Usage(), (ALL,), "").cost_usd is None  # a run that has reported nothing
