"""Agents that root lets nobody start: whose stories wait for that, and what root hears of agents.

A story all of whose agents are closed has no attempt and takes no place. Root tells which are
closed to each supervisor, so nothing of it is journalled.
"""

from __future__ import annotations

from collections.abc import Collection

from .....policies.outcomes.failure import FailureType
from .....policies.outcomes.outcome import Outcome, OutcomeKind
from .....policies.outcomes.setbacks import Course
from .....policies.values import replace
from .....workers.messages.gate import (
    AgentAnswered,
    AgentRefused,
    AgentsClosed,
    AgentStrained,
    Closed,
)
from .....workers.messages.story import AgentNews
from ..attempt.loss import Loss
from ..attempt.settle import finish, lose
from ..memory import StoryState
from ..state import NOT_BEGUN, Prd, Run, Stage, Story
from ..turn import Turn, running
from ..words import Say
from .choices import open_choices, reviewer_of

_BEFORE_AGENT = (Stage.GATHER, Stage.SETUP)
_REFUSED = frozenset({Course.LIMIT, Course.AGAIN, Course.CLOSE})
# Where it ended so, its account is no hindrance; or a model had answered, if it says so.
_MAYBE = frozenset({OutcomeKind.INCOMPLETE, OutcomeKind.RUNAWAY})
_ANSWERED = frozenset({OutcomeKind.NORMAL, OutcomeKind.CONTEXT})


# --- what root is told ------------------------------------------------------------------------


def tell_news(turn: Turn, run: Run, news: AgentNews) -> None:
    """Tell root of an agent at work, as far as its account is concerned."""
    agent = run.choice.agent
    if news.is_answered and not run.is_answered:
        turn.do(Say(word=AgentAnswered(agent=agent)))
    if news.warned is not None and news.warned < 1.0:  # what is used up, its end tells
        turn.do(
            Say(
                word=AgentStrained(
                    agent=agent, utilization=news.warned, until_s=news.warned_until_s
                )
            )
        )


def has_answered(run: Run, outcome: Outcome) -> bool:
    """Say whether a model has answered in this run, as far as its agent told."""
    return run.is_answered or bool(outcome.usage.requests or outcome.usage.output_tokens)


def tell_end(turn: Turn, story: Story, run: Run, outcome: Outcome, loss: Loss | None) -> None:
    """Tell root how a run ended, before its lease is free for another one of that agent."""
    agent = run.choice.agent
    if outcome.kind in _ANSWERED or (outcome.kind in _MAYBE and has_answered(run, outcome)):
        turn.do(Say(word=AgentAnswered(agent=agent)))
    elif loss is not None and loss.course in _REFUSED:
        refused = AgentRefused(
            agent=agent,
            kind=outcome.kind,
            reason=outcome.detail,
            story_id=story.story_id,
            until_s=outcome.until_s,
        )
        turn.do(Say(word=refused))


# --- what root says ---------------------------------------------------------------------------


def take(turn: Turn, word: AgentsClosed) -> None:
    """Go by it: what waits for such an agent lets go of all that it has."""
    before = _names(_shut_ones(turn.prd.closed))
    turn.prd = replace(turn.prd, closed=word.closed)
    closed = _names(word.closed)
    _withdraw_all(turn, closed, fresh=_names(_shut_ones(word.closed)) - before)
    for story in turn.prd.stories if not closed else ():
        if story.shut:
            turn.change(replace(story, shut=""))


def weigh(turn: Turn) -> None:
    """Let nobody wait for a closed agent with a worker: one may have died and come back."""
    if turn.prd.closed:
        _withdraw_all(turn, _names(turn.prd.closed), fresh=())
        note(turn)


def note(turn: Turn) -> None:
    """Know which stories wait for agents alone; what they may have can change at any time."""
    closed = _names(turn.prd.closed)
    for story in turn.prd.stories if closed else ():
        shut = _shut(turn.prd, story, closed)
        if shut != story.shut:
            turn.change(replace(story, shut=shut))


def _withdraw_all(turn: Turn, closed: Collection[str], *, fresh: Collection[str]) -> None:
    for story in running(turn.prd):
        if story.run is not None:
            _withdraw(turn, story, story.run, closed, fresh=fresh)


def _withdraw(
    turn: Turn, story: Story, run: Run, closed: Collection[str], *, fresh: Collection[str]
) -> None:
    """Take back an attempt whose agent has not begun; one at work goes on."""
    if turn.prd.deadline is not None:
        return
    if run.stage is Stage.REVIEW and not run.has_lease and turn.prd.review.agent in closed:
        finish(turn, story, run, "interrupted")
    if story.memory.is_claimed:
        return  # its own agent is over
    is_hopeless = _has_none(story, closed)
    if run.stage in NOT_BEGUN and is_hopeless:
        finish(turn, story, run, "interrupted")
    elif run.stage in _BEFORE_AGENT and (
        run.choice.agent in fresh if run.has_lease else is_hopeless
    ):
        reason = f"its agent is not started: {_why(turn.prd, _wanted(story))}"
        lose(turn, story, run, Loss(type=FailureType.STOPPED, reason=reason, counts=False))


def _shut(prd: Prd, story: Story, closed: Collection[str]) -> str:
    is_open = story.memory.state is StoryState.PENDING and story.run is None
    if not is_open:
        return ""
    if story.memory.is_claimed:
        reviewer = reviewer_of(prd, story)
        return _why(prd, {reviewer}) if reviewer in closed and reviewer else ""
    return _why(prd, _wanted(story)) if _has_none(story, closed) else ""


def _has_none(story: Story, closed: Collection[str]) -> bool:
    return all(choice.agent in closed for choice in open_choices(story))


def _wanted(story: Story) -> set[str]:
    return {choice.agent for choice in open_choices(story)}


def _why(prd: Prd, wanted: Collection[str]) -> str:
    whys = (
        each.why
        for each in prd.closed
        if each.agent in wanted or (each.is_default and "" in wanted)
    )
    return ", or for ".join(whys)


def _shut_ones(closed: tuple[Closed, ...]) -> tuple[Closed, ...]:
    """Those that may not even be tried: who has a right to start one has lost it."""
    return tuple(each for each in closed if not each.is_on_trial)


def _names(closed: tuple[Closed, ...]) -> frozenset[str]:
    """The names that are closed; the empty one is the default's."""
    names = {each.agent for each in closed}
    return frozenset(names | ({""} if any(each.is_default for each in closed) else set()))
