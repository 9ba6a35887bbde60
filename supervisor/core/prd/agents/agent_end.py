"""An agent at work, and its end: what is known of it, and what follows for the story.

AGENT -> COMMIT -> (evidence)
"""

from __future__ import annotations

from .....policies.counting import counted
from .....policies.outcomes.failure import FailureType, type_of
from .....policies.outcomes.outcome import Outcome, OutcomeKind, cause_of
from .....policies.outcomes.setbacks import (
    Circumstances,
    Course,
    bars,
    course_of,
    ends_conversation,
)
from .....policies.values import replace
from .....workers.messages.git import Commit
from .....workers.messages.story import AgentNews
from ..attempt.loss import Loss
from ..attempt.settle import went_down_with
from ..records import AgentBegan, AgentOver, SessionKnown
from ..state import Prd, Run, Stage, Story
from ..turn import Turn
from . import outside, shut
from .choices import chain_of, left_without

# An agent that claimed success claims it in vain while its work is not kept.
_SAY_NOTHING = frozenset({OutcomeKind.NORMAL, OutcomeKind.INTERRUPTED})


def on_started(turn: Turn, story: Story, run: Run, pid: int, start_ticks: int) -> None:
    """The agent's process lives."""
    record = AgentBegan(
        story_id=story.story_id,
        attempt=run.attempt,
        pid=pid,
        start_ticks=start_ticks,
        terms=story.terms,
        agent=run.choice.agent,
        model=run.choice.model,
        is_resumed=run.is_resumed,
    )
    turn.record(story, record)


def on_news(turn: Turn, story: Story, run: Run, news: AgentNews) -> None:
    """Remember its conversation, and that its model has answered."""
    shut.tell_news(turn, run, news)
    story = _know_session(turn, story, run, news.session)
    if news.is_answered and not run.is_answered:
        turn.run(story, replace(run, is_answered=True))


def _know_session(turn: Turn, story: Story, run: Run, session: str) -> Story:
    if not session or session == story.memory.session:
        return story
    record = SessionKnown(
        story_id=story.story_id, attempt=run.attempt, agent=run.choice.agent, session=session
    )
    return turn.record(story, record)


def on_ended(turn: Turn, story: Story, run: Run, outcome: Outcome, printed: str = "") -> None:
    """The agent is gone, with all that it started: have its work committed, whatever it was."""
    story = _know_session(turn, story, run, outcome.session)
    record = AgentOver(story_id=story.story_id, attempt=run.attempt, outcome=outcome)
    story = turn.record(story, record)
    ended_well = outcome.kind is OutcomeKind.NORMAL
    loss = None if ended_well else _loss(turn, story, run, outcome, printed)
    shut.tell_end(turn, story, run, outcome, loss)
    turn.return_lease(story, run)
    swept = (
        f", {counted(outcome.leftovers, 'process')} left behind and killed"
        if outcome.leftovers
        else ""
    )
    turn.tell("agent_ended", story, f"{outcome.detail} after {outcome.duration_s:.1f} s{swept}")
    request = Commit(
        story_id=story.story_id,
        title=story.title,
        attempt=run.attempt,
        base=story.memory.base,
        worktree=story.memory.worktree,
        partial=not ended_well,
        beside=outside.beside(turn.prd, story),
        resting=outside.resting(turn.prd, story),
    )
    turn.ask_git(story, replace(run, stage=Stage.COMMIT, has_lease=False, loss=loss), request)


def _loss(turn: Turn, story: Story, run: Run, outcome: Outcome, printed: str) -> Loss:
    loss = replace(loss_of(story, run, outcome), context=printed)
    if loss.course is Course.STOP and turn.prd.deadline is None and turn.prd.fell:
        reason = went_down_with(turn.prd)
        return replace(loss, type=FailureType.GROUP_STOPPED, reason=reason)
    return loss


def loss_of(story: Story, run: Run, outcome: Outcome) -> Loss:
    """What the attempt is lost for whose agent ended so, and how the story goes on."""
    memory = story.memory
    circumstances = Circumstances(
        is_short=memory.is_short,
        is_resumed=run.is_resumed,
        is_answered=shut.has_answered(run, outcome),
        is_wish=run.choice.is_wish,
        passed=memory.passed,
    )
    course = course_of(outcome, circumstances)
    has_others = bool(left_without(story, (run.choice,)))
    afresh = course is Course.AFRESH
    return Loss(
        type=FailureType.SESSION_REFUSED if afresh else type_of(outcome.kind),
        reason=f"the agent: {outcome.detail}",
        counts=course.counts,
        cause=cause_of(outcome.kind),
        is_final=course is Course.BAR and not has_others,
        course=course,
        bars=bars(course, outcome.kind, has_others=has_others),
        ends_conversation=ends_conversation(course, outcome.kind, is_resumed=run.is_resumed),
    )


def was_at_work(prd: Prd, story: Story) -> bool:
    """Say whether an earlier run left the story in the middle of something.

    Evidence is looked for again at no cost, but where the whole tree went down with that.
    """
    memory = story.memory
    if not memory.is_claimed:
        return memory.is_open
    asks = memory.approval is not None and memory.approval.word is None
    return prd.went_down and not (asks or memory.is_held or prd.is_held)


def left_open(prd: Prd, story: Story) -> Loss:
    """What an attempt is lost for that an earlier run left open; how its agent ended goes first."""
    memory = story.memory
    if memory.is_claimed:  # it goes on at its evidence
        down = Loss(type=FailureType.TREE_DOWN, reason="the tree went down", counts=False)
        return replace(down, keeps_claim=True)
    if memory.over is not None and memory.over.kind not in _SAY_NOTHING:
        wanted = (memory.choice.agent, memory.choice.model)
        chain = (each for each in chain_of(story) if (each.agent, each.model) == wanted)
        choice = next(chain, memory.choice)
        return loss_of(story, Run(stage=Stage.COMMIT, attempt=0, choice=choice), memory.over)
    if prd.after_crash:
        return Loss(type=FailureType.SUPERVISOR_DIED, reason="its supervisor died")
    return Loss(type=FailureType.TREE_DOWN, reason="the tree went down", counts=False)
