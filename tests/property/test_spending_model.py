"""Runs of agents in any order, with crashes and reports that are lost or repeated, and the truth.

What is counted is never more than what was used, never shrinks, and is all of it where every run
reported at its end, or where a later run of its conversation did.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.costs.spending import (
    NO_SPENDING,
    Spending,
    reported,
    run_begun,
    run_named,
)
from prd_supervise.policies.usage import Usage

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
chosen = settings(
    max_examples=EXAMPLES or 400, derandomize=not EXAMPLES, database=None, deadline=None
)


@dataclass(frozen=True)
class Step:
    """The agent uses so many tokens, and tells of it so many times."""

    tokens: int
    told: int
    tells_old: bool  # the report before comes once more


@dataclass(frozen=True)
class Run:
    """One run of an agent."""

    agent: str
    session: int | None  # the conversation that it resumes; None: it begins one
    is_named: bool  # it says what its conversation is called, at its beginning
    is_told: bool  # ... and with each report
    steps: tuple[Step, ...]


SCOPES = {  # tokens and cost: of the conversation, or of the run
    "claude": (False, True),
    "codex": (True, True),
    "gemini": (False, False),
}
steps = st.builds(Step, st.integers(0, 50), st.integers(0, 2), st.booleans())
runs = st.builds(
    Run,
    st.sampled_from(sorted(SCOPES)),
    st.none() | st.integers(0, 2),
    st.booleans(),
    st.booleans(),
    st.lists(steps, max_size=4).map(tuple),
)


@dataclass
class World:
    """What was really used, and by whom."""

    spending: Spending = NO_SPENDING
    conversations: dict[str, list[int]] = field(default_factory=dict)  # by agent: tokens of each
    used: int = 0
    untold: dict[tuple[str, int], int] = field(default_factory=dict)  # so far, by conversation
    named: set[tuple[str, int]] = field(default_factory=set)  # nobody can resume another one

    def play(self, run: Run) -> None:
        """Let the agent work, and hear of it what it tells."""
        mine = self.conversations.setdefault(run.agent, [])
        is_resumed = (run.agent, run.session) in self.named
        number = run.session if is_resumed and run.session is not None else len(mine)
        if number == len(mine):
            mine.append(0)
        name = f"{run.agent}-{number}"
        self.spending = run_begun(self.spending, name if is_resumed else "")
        said = name if run.is_told else ""
        of_run, last = 0, None
        key = (run.agent, number)
        if run.is_named or (run.is_told and any(step.told for step in run.steps)):
            self.named.add(key)
        if run.is_named:
            self.spending = run_named(self.spending, run.agent, name)
        for step in run.steps:
            of_run += step.tokens
            mine[number] += step.tokens
            self.used += step.tokens
            self.untold[key] = self.untold.get(key, 0) + step.tokens
            usage = _usage(run.agent, of_run, mine[number])
            for _ in range(step.told):
                self._hear(run.agent, said, usage)
                self.untold[key] = 0
            if step.tells_old and last is not None:
                self._hear(run.agent, said, last)
            last = usage if step.told else last

    def _hear(self, agent: str, session: str, usage: Usage) -> None:
        before = self.spending.spent
        self.spending = reported(self.spending, agent, session, usage)
        assert self.spending.spent.tokens >= before.tokens
        assert self.spending.spent.usd >= before.usd


def _usage(agent: str, of_run: int, of_session: int) -> Usage:
    tokens_of_session, cost_of_session = SCOPES[agent]
    return Usage(
        input_tokens=of_session if tokens_of_session else of_run,
        cost_usd=(of_session if cost_of_session else of_run) / 1000,
        tokens_are_of_session=tokens_of_session,
        cost_is_of_session=cost_of_session,
    )


@chosen
@given(st.lists(runs, max_size=8))
def test_what_is_counted_is_never_more_than_what_was_used(night: list[Run]) -> None:
    world = World()
    for run in night:
        world.play(run)
    assert world.spending.spent.tokens <= world.used
    assert world.spending.spent.usd <= world.used / 1000 + 1e-9


told = st.builds(Step, st.integers(1, 50), st.integers(1, 2), st.booleans())
open_runs = st.builds(
    Run,
    st.sampled_from(sorted(SCOPES)),
    st.none() | st.integers(0, 2),
    st.just(value=True),
    st.booleans(),
    st.lists(told, max_size=4).map(tuple),
)


@chosen
@given(st.lists(open_runs, max_size=8))
def test_where_every_run_reports_the_sum_is_the_truth(night: list[Run]) -> None:
    world = World()
    for run in night:
        world.play(run)
    assert world.spending.spent.tokens == world.used
    assert world.spending.spent.usd == pytest.approx(world.used / 1000)


codex_runs = st.builds(
    Run,
    st.just("codex"),
    st.none() | st.integers(0, 2),
    st.just(value=True),
    st.booleans(),
    st.lists(steps, max_size=4).map(tuple),
)


@chosen
@given(st.lists(codex_runs, max_size=8))
def test_a_later_report_of_a_conversation_catches_up_what_its_earlier_runs_did_not_say(
    night: list[Run],
) -> None:
    world = World()
    for run in night:
        world.play(run)
    assert world.spending.spent.tokens == world.used - sum(world.untold.values())
