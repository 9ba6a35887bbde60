"""What the integrator's answers mean: for the PRD's branch, and for the story that asked."""

from __future__ import annotations

from typing import assert_never

from ....policies.values import replace
from ....workers.messages.git import (
    BranchClosed,
    BranchOpened,
    CheckedOut,
    Committed,
    GitAnswer,
    GitFailed,
    PrdFileTaken,
    Prepared,
)
from ....workers.messages.growth import Compared
from ....workers.messages.landing import Landed, LandingTried, PushPlanned, RolledBack
from ....workers.messages.prd import Happened
from ....workers.messages.review import WorkShown
from ....workers.messages.train import (
    AssembleTrain,
    FormattedTaken,
    PublishTrain,
    TakeFormatted,
    TrainAssembled,
    TrainPublished,
)
from ....workers.messages.worktrees import NoWorktree
from . import closing, growth, replan
from .agents import review
from .agents.agent_end import left_open, was_at_work
from .approvals.answers import ask_anew
from .attempt import attempt, evidence, hindrance, slots
from .attempt.settle import note_loss
from .landing import landing
from .memory import StoryState
from .opening import OPENINGS_MAX, open_later
from .records import NO_TERMS, StoryDone, StoryReset
from .skipping import skip_blocked, take_back_skips
from .state import PrdPhase, Run, Story
from .taking import take_prd_file
from .train import arrival, dispatch, gate, inspection
from .turn import Turn
from .words import Say

StoryAnswer = Prepared | NoWorktree | Committed | CheckedOut | WorkShown | GitFailed
_OF_A_TRAIN = tuple(each.__name__ for each in (AssembleTrain, TakeFormatted, PublishTrain))

_ANSWERED = {
    Prepared: "Prepare",
    NoWorktree: "Prepare",
    Committed: "Commit",
    CheckedOut: "CheckOut",
    WorkShown: "ShowWork",
}


def on_answer(turn: Turn, answer: GitAnswer, tampering: tuple[str, ...]) -> None:
    """Take an answer of the integrator's, unless it is late."""
    match answer:
        case BranchOpened():
            turn.prd = replace(turn.prd, openings=0, open_at_s=0.0)
            if turn.prd.phase is PrdPhase.OPENING:
                _on_opened(turn, answer)
            else:
                arrival.on_reopened(turn, answer)
                _reopen_missing(turn, answer)
        case BranchClosed():
            closing.on_closed(turn)
        case PrdFileTaken():
            turn.prd = replace(turn.prd, taking=None)
        case RolledBack():
            closing.on_rolled_back(turn, answer)
        case LandingTried() | Landed() | PushPlanned():
            landing.on_answer(turn, answer)
        case Compared():
            growth.on_compared(turn, answer)
        case TrainAssembled() | FormattedTaken() | TrainPublished():
            dispatch.on_answer(turn, answer)
        case GitFailed() if not answer.story_id:
            _on_branch_failed(turn, answer)
        case _:
            _on_story_answer(turn, answer, tampering)


def _on_story_answer(turn: Turn, answer: StoryAnswer, tampering: tuple[str, ...]) -> None:
    story = turn.prd.story(answer.story_id)
    run = None if story is None else story.run
    if story is None or run is None or run.attempt != answer.attempt:
        return  # late: of an attempt that is over
    name = answer.request if isinstance(answer, GitFailed) else _ANSWERED[type(answer)]
    rest = tuple(request for request in run.asked if type(request).__name__ != name)
    if len(rest) == len(run.asked):
        return  # late: nobody waits for it any more
    run = replace(run, asked=rest)
    story = turn.run(story, run)
    match answer:
        case Prepared():
            attempt.on_prepared(turn, story, run, answer)
        case NoWorktree():
            slots.on_no_worktree(turn, story, run, answer)
        case Committed():
            evidence.on_committed(turn, story, run, answer, tampering)
        case CheckedOut() if run.is_checking_base:
            gate.on_checked_out(turn, story, answer)
        case CheckedOut():
            inspection.on_checked_out(turn, story, answer)
        case WorkShown():
            review.on_shown(turn, story, run, answer)
        case GitFailed():
            _on_story_failed(turn, story, run, answer)
        case _:
            assert_never(answer)


def _on_opened(turn: Turn, answer: BranchOpened) -> None:
    """The branch stands: what it shows is true, whatever the journal says."""
    turn.prd = replace(turn.prd, opening=None, phase=PrdPhase.RUNNING)
    if (answer.branch, answer.base) != (turn.prd.branch, turn.prd.base):
        turn.record_branch(answer.branch, answer.base)
    merged = dict(answer.merged)
    for story in turn.prd.stories:
        if story.memory.state is not StoryState.DONE:
            _look_up(turn, story, merged.get(story.story_id))
        elif story.memory.commit and story.story_id not in merged and not turn.prd.is_rolled_back:
            _reopen(turn, story, answer.branch)
        else:
            replan.take_word(turn, story)
    for story_id in [each.story_id for each in turn.prd.stories]:
        _recover(turn, story_id)
    take_back_skips(turn)
    if turn.prd.retry:
        ask_anew(turn)
    if turn.prd.is_rolled_back and not closing.stays_rolled_back(turn.prd):
        closing.begin_anew(turn, merged)
    skip_blocked(turn)
    take_prd_file(turn)  # before any story starts from the branch


def _reopen(turn: Turn, story: Story, branch: str) -> None:
    """The branch was reset, or made anew: what it does not hold is not done."""
    text = f"its merge {story.memory.commit[:10]} is no longer in {branch}: open again"
    turn.tell("reopened", turn.record(story, StoryReset(story_id=story.story_id)), text)


def _reopen_missing(turn: Turn, answer: BranchOpened) -> None:
    """Somebody took merges out of the branch while we were at work."""
    merged = {story_id for story_id, _ in answer.merged}
    if turn.prd.phase is PrdPhase.RUNNING:
        for story in turn.prd.stories:
            is_done = story.memory.state is StoryState.DONE
            if is_done and story.memory.commit and story.story_id not in merged:
                _reopen(turn, story, answer.branch)


def _look_up(turn: Turn, story: Story, merge: str | None) -> None:
    """Take over what branch and document say of a story, before any conclusion from it."""
    memory, name = story.memory, story.story_id
    if merge is not None and merge not in memory.superseded:
        done = StoryDone(
            story_id=name,
            attempt=memory.attempt,
            commit=merge,
            evidence="its merge is in the branch",
            terms=story.terms if memory.terms == NO_TERMS else memory.terms,
        )
        replan.take_word(turn, turn.record(story, done))
        return
    replan.take_word(turn, story)
    is_retried = turn.prd.retry or name in turn.prd.retry_stories
    story = turn.prd.story(name) or story
    was_decided = story.memory.state in {StoryState.FAILED, StoryState.SKIPPED}
    if is_retried and was_decided and not story.memory.is_unwanted:
        turn.record(story, StoryReset(story_id=name))


def _recover(turn: Turn, story_id: str) -> None:
    """Note as lost what an earlier run left open. A story given up by that skips others."""
    story = turn.prd.story(story_id)
    if story is None or story.memory.state is not StoryState.PENDING:
        return
    if was_at_work(turn.prd, story):
        note_loss(turn, story, left_open(turn.prd, story))


def _on_branch_failed(turn: Turn, answer: GitFailed) -> None:
    if answer.request == "CompareStories":  # that is nobody's failure: there is a next time
        growth.on_compared(turn, Compared(is_complete=True, problem=answer.message))
        return
    if answer.request == "TakePrdFile":  # agents may read old words in it; the plan has the new
        turn.prd = replace(turn.prd, taking=None)
        text = f"the branch's copy of the PRD file stays as it is: {answer.message}"
        turn.do(Say(word=Happened(event="prd_file_kept", story_id="", attempt=0, text=text)))
        return
    if answer.request in _OF_A_TRAIN:
        dispatch.on_failed(turn, answer)
        return
    if answer.request in closing.REQUESTS:
        closing.on_failed(turn, answer)
        return
    if answer.request in landing.REQUESTS:
        landing.on_failed(turn, answer)
        return
    if answer.passes and turn.prd.openings < OPENINGS_MAX:
        open_later(turn, answer.message)
        return
    turn.prd = replace(turn.prd, opening=None, failure=answer.message)
    closing.end(turn)


def _on_story_failed(turn: Turn, story: Story, run: Run, answer: GitFailed) -> None:
    if answer.request == "CheckOut" and run.is_checking_base:
        gate.base_is_unknown(turn, story, run)
    elif answer.request == "CheckOut":
        inspection.on_check_out_failed(turn, story, answer)
    else:
        hindrance.on_git_failed(turn, story, run, answer)
