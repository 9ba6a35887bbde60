"""What the integrator's answers mean: for the PRD's branch, and for the story that asked."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ...policies.shutdown import deadline_from
from ...workers.messages.git import (
    BranchClosed,
    BranchOpened,
    CheckedOut,
    Committed,
    GitAnswer,
    GitFailed,
    Prepared,
    Published,
    Tried,
)
from . import attempt, evidence, gate
from .events import StopRequested
from .prd_state import PrdPhase, Run, Stage, Story
from .records import StoryDone, StoryReset, StorySkipped, StoryState
from .settle import Loss, lose, note_loss, skip_blocked
from .turn import Turn

ENDING_GRACE_S = 10.0
StoryAnswer = Prepared | Committed | CheckedOut | Tried | Published | GitFailed

_ANSWERED = {
    Prepared: "Prepare",
    Committed: "Commit",
    CheckedOut: "CheckOut",
    Tried: "Trial",
    Published: "Publish",
}


def on_answer(turn: Turn, answer: GitAnswer, tampering: tuple[str, ...]) -> None:
    """Take an answer of the integrator's, unless it is late."""
    match answer:
        case BranchOpened():
            if turn.prd.phase is PrdPhase.OPENING:
                _on_opened(turn, answer)
        case BranchClosed():
            turn.prd = replace(turn.prd, opening=None)
            _end(turn)
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
        case Committed():
            evidence.on_committed(turn, story, run, answer, tampering)
        case CheckedOut():
            gate.on_checked_out(turn, story, run, answer)
        case Tried():
            evidence.on_tried(turn, story, run, answer)
        case Published():
            evidence.on_published(turn, story, run, answer)
        case GitFailed():
            _on_story_failed(turn, story, run, answer)
        case _:
            assert_never(answer)


def _on_opened(turn: Turn, answer: BranchOpened) -> None:
    """The branch stands: what it shows is true, whatever the journal says (design §5)."""
    turn.prd = replace(turn.prd, opening=None, phase=PrdPhase.RUNNING)
    if (answer.branch, answer.base) != (turn.prd.branch, turn.prd.base):
        turn.record_branch(answer.branch, answer.base)
    merged = dict(answer.merged)
    for story in turn.prd.stories:
        if story.story_id in merged and story.memory.state is not StoryState.DONE:
            found = StoryDone(
                story_id=story.story_id,
                attempt=story.memory.attempt,
                commit=merged[story.story_id],
                evidence="its merge is in the branch",
            )
            turn.record(story, found)
        else:
            _recover(turn, story)
    skip_blocked(turn)


def _recover(turn: Turn, story: Story) -> None:
    """Decide what becomes of a story that an earlier run left open, failed or untouched."""
    memory = story.memory
    if story.done_in_document and memory.state is StoryState.PENDING:
        found = StoryDone(
            story_id=story.story_id, attempt=0, commit="", evidence="marked done in the PRD"
        )
        turn.record(story, found)
    elif story.skipped_in_document and memory.state is StoryState.PENDING:
        reason = "the PRD says that it is not to be done"
        skipped = StorySkipped(story_id=story.story_id, reason=reason, by_document=True)
        turn.record(story, skipped)
    elif turn.prd.retry and memory.state in {StoryState.FAILED, StoryState.SKIPPED}:
        turn.record(story, StoryReset(story_id=story.story_id))
    elif memory.is_open and not memory.is_claimed:
        reason = "its supervisor died" if turn.prd.after_crash else "the tree went down"
        note_loss(turn, story, Loss(reason=reason, counts=turn.prd.after_crash))


def _on_branch_failed(turn: Turn, answer: GitFailed) -> None:
    turn.prd = replace(turn.prd, opening=None, failure=answer.message)
    _end(turn)


def _end(turn: Turn) -> None:
    if turn.prd.phase in {PrdPhase.OPENING, PrdPhase.CLOSING}:
        turn.prd = replace(turn.prd, phase=PrdPhase.ENDING)
        turn.supervise(StopRequested(deadline=deadline_from(turn.now_s, ENDING_GRACE_S)))


def _on_story_failed(turn: Turn, story: Story, run: Run, answer: GitFailed) -> None:
    """Git refused: the attempt is lost, what the agent did is not."""
    if answer.request == "CheckOut" and run.stage is not Stage.BASE:
        gate.base_is_unknown(turn, story, run)
        return
    lose(turn, story, run, Loss(reason=f"git: {answer.message}", keeps_claim=True))
