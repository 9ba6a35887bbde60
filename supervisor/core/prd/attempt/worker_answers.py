"""What the story workers say: the agent began, or ended, or verify commands were run."""

from __future__ import annotations

from typing import assert_never

from .....policies.outcomes.claims import no_change_claim
from .....policies.values import replace
from .....workers.messages.story import AgentEnded, AgentNews, AgentStarted, Verified
from ..agents import agent_end, review
from ..costs import budget
from ..landing import landing
from ..landing.landing_state import LANDER
from ..state import Run, Stage, Story
from ..timing import note_verified
from ..train import gate, inspection
from ..turn import Turn
from ..words import WorkerSaid
from . import attempt, evidence


def on_said(turn: Turn, event: WorkerSaid) -> None:
    """Take what a worker says, unless it is late."""
    if event.story_id == LANDER:
        if isinstance(event.answer, Verified):
            landing.on_verified(turn, event.incarnation, event.answer)
        return
    story = turn.prd.story(event.story_id)
    run = None if story is None else story.run
    if story is None or run is None or run.incarnation != event.incarnation:
        return  # late: of a worker that is gone
    answer = event.answer
    if answer.attempt != run.attempt:
        return  # late: of an attempt that is over
    match answer:
        case AgentStarted() | AgentNews() | AgentEnded():
            if run.stage is Stage.AGENT:
                _on_agent(turn, story, run, answer)
            elif run.reviewing.is_at_work:
                review.on_said(turn, story, run, answer)
        case Verified():
            _on_verified(turn, story, answer)
        case _:
            assert_never(answer)


def _on_agent(
    turn: Turn, story: Story, run: Run, answer: AgentStarted | AgentNews | AgentEnded
) -> None:
    match answer:
        case AgentStarted():
            agent_end.on_started(turn, story, run, answer.pid, answer.start_ticks)
        case AgentNews():
            agent_end.on_news(turn, story, run, answer)
            budget.hear_news(turn, story.story_id, answer)
        case AgentEnded():
            run = replace(run, needs_nothing=no_change_claim(answer.answer))
            agent_end.on_ended(turn, story, run, answer.outcome, answer.printed)
        case _:
            assert_never(answer)


def _on_verified(turn: Turn, story: Story, answer: Verified) -> None:
    shared = inspection.verified_by(turn, story, answer) if answer.stage == "merged" else ()
    is_extra = inspection.is_extra(turn, story, answer)
    note_verified(turn, story.story_id, answer, shared, is_extra=is_extra)
    run = story.run
    if run is None or run.stage is Stage.FINISH:
        return  # decided meanwhile, by a stop
    if answer.stage == "setup" and run.stage is Stage.SETUP:
        attempt.on_set_up(turn, story, run, answer)
    elif answer.stage == "base" and run.is_checking_base:
        gate.on_base_verified(turn, story, run, answer)
    elif answer.stage == "story" and run.stage is Stage.VERIFY:
        evidence.on_story_verified(turn, story, run, answer)
    elif answer.stage in {"merged", "format"}:
        inspection.on_verified(turn, story, answer)
