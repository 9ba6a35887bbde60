"""What stories cost, as the journal tells it: the same sums at every replay."""

from __future__ import annotations

import pytest

from prd_supervise.policies.costs.budget import Spent
from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.supervisor.core.prd.costs.records import UsageSeen
from prd_supervise.supervisor.core.prd.memory import Memory
from prd_supervise.supervisor.core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    SessionKnown,
    StoryRecord,
    StoryReset,
)
from prd_supervise.supervisor.core.prd.remembering import remember


def began(attempt: int, agent: str = "claude", *, is_resumed: bool = False) -> list[StoryRecord]:
    return [
        AttemptBegun(story_id="A", attempt=attempt, slot=1),
        AgentBegan(
            story_id="A", attempt=attempt, pid=1, start_ticks=1, agent=agent, is_resumed=is_resumed
        ),
    ]


def known(attempt: int, session: str, agent: str = "claude") -> SessionKnown:
    return SessionKnown(story_id="A", attempt=attempt, agent=agent, session=session)


def seen(attempt: int, usage: Usage) -> UsageSeen:
    return UsageSeen(story_id="A", attempt=attempt, usage=usage)


def over(attempt: int, usage: Usage, session: str = "") -> AgentOver:
    outcome = Outcome(kind=OutcomeKind.NORMAL, detail="exit 0", usage=usage, session=session)
    return AgentOver(story_id="A", attempt=attempt, outcome=outcome)


def spent(*records: StoryRecord) -> Spent:
    memory = Memory()
    for record in records:
        memory = remember(memory, record)
    return memory.spending.spent


def codex(tokens: int) -> Usage:
    return Usage(input_tokens=tokens, tokens_are_of_session=True)


def test_the_last_figures_of_a_killed_worker_count() -> None:
    records = [*began(1), seen(1, Usage(input_tokens=30, cost_usd=0.1)), *began(2)]
    assert spent(*records) == Spent(tokens=30, usd=0.1)
    assert spent(*records, over(2, Usage(input_tokens=5, cost_usd=0.2))).usd == pytest.approx(0.3)


def test_news_and_the_end_of_one_run_are_one() -> None:
    usage = Usage(input_tokens=30, cost_usd=0.1)
    assert spent(*began(1), seen(1, usage), over(1, usage, "s")) == Spent(tokens=30, usd=0.1)


def test_a_resumed_conversation_is_not_counted_twice() -> None:
    first = [*began(1, "codex"), known(1, "t", "codex"), over(1, codex(421))]
    second = [*began(2, "codex", is_resumed=True), over(2, codex(521), "t")]
    assert spent(*first, *second).tokens == 521


def test_an_agent_that_begins_a_new_conversation_counts_from_nothing() -> None:
    first = [*began(1, "codex"), known(1, "t", "codex"), over(1, codex(421))]
    second = [*began(2, "codex"), known(2, "u", "codex"), over(2, codex(100), "u")]
    assert spent(*first, *second).tokens == 521


def test_a_retry_of_the_users_does_not_make_spent_money_come_back() -> None:
    records = [*began(1), over(1, Usage(cost_usd=2.0)), StoryReset(story_id="A")]
    assert spent(*records).usd == pytest.approx(2.0)


def test_an_older_journal_without_figures_has_cost_nothing_that_is_known() -> None:
    assert spent(*began(1), over(1, Usage())) == Spent()
