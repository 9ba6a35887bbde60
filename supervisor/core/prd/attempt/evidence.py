"""What an agent claims, judged by itself: there is work, and it is green in its own worktree.

    COMMIT -> VERIFY -> [REVIEW] -> GATE, and on with the next train (dispatch)

Each arrow is a point of README's "When is a story done?"; whatever is missing on the way ends
the attempt with its reason.
"""

from __future__ import annotations

from .....policies.outcomes.failure import FailureType
from .....policies.outcomes.remarks import remarks_on
from .....policies.values import replace
from .....workers.messages.git import CheckedOut, Committed
from .....workers.messages.story import Verified
from ..agents import outside, review
from ..records import WorkKept
from ..state import Run, Stage, Story
from ..train import gate
from ..train.arrival import commands_of, why_red
from ..train.voided import loss_of
from ..turn import Turn
from .loss import Loss
from .settle import finish, lose


def on_committed(
    turn: Turn, story: Story, run: Run, answer: Committed, tampering: tuple[str, ...]
) -> None:
    """The work is kept; judge the claim."""
    run = replace(run, kept_out=answer.kept_out)
    loss = _loss(story, run, answer)
    tampering = (*tampering, *outside.told(turn.prd, story, answer.outside))
    record = WorkKept(
        story_id=story.story_id,
        attempt=run.attempt,
        head=answer.head,
        is_claimed=loss is None,
        files=answer.files,
        added=answer.added,
        removed=answer.removed,
        more=answer.more,
        tampering=tampering,
        remarks=remarks_on(answer.files, answer.removed, story.verify),
    )
    story = turn.record(story, record)
    for line in tampering:
        turn.tell("tampering", story, line)
    for line in story.memory.remarks:
        turn.tell("remark", story, line)
    if story.voided:
        lose(turn, story, run, loss_of(story))
    elif loss is not None:
        lose(turn, story, run, loss)
    else:
        verify(turn, story, replace(run, setup=answer.setup))


def _loss(story: Story, run: Run, answer: Committed) -> Loss | None:
    """Why there is nothing to judge, if so."""
    loss = run.loss
    if loss is None and answer.problem:
        return Loss(type=FailureType.WORK_REFUSED, reason=answer.problem)
    if loss is None:
        if answer.files or story.no_code:
            return None
        reason = "the agent claims success, but nothing differs from the base"
        if run.needs_nothing:  # a person may find so, too, and say it in the PRD
            reason = f"the agent claims that no change is needed: {run.needs_nothing}"
        return Loss(type=FailureType.NO_CHANGE, reason=reason)
    if run.is_for_others:
        loss = replace(loss, counts=False, waits=True, course=None)
    return replace(loss, reason=f"{loss.reason}; {answer.problem}") if answer.problem else loss


def verify(turn: Turn, story: Story, run: Run) -> None:
    """Run the verify commands in the story's worktree."""
    known = turn.prd.shown_of(story.memory.head, story.verify, story.story_id)
    if turn.prd.deadline is not None or run.incarnation == 0:
        # The rest is for a resume, or for another worker, where this one died.
        finish(turn, story, run, "interrupted")
    elif not story.verify:
        review.judge(turn, story, run)
    elif known is not None:  # what came between was no fault of this work
        review.judge(turn, story, replace(run, story_run=known, setup=None))
    else:
        memory = story.memory
        where = CheckedOut(
            story_id=story.story_id,
            attempt=run.attempt,
            commit=memory.head,
            worktree=memory.worktree,
            setup=run.setup,
        )
        gate.order_verify(turn, story, "story", where, story.verify)
        turn.run(story, replace(run, stage=Stage.VERIFY, setup=None))


def on_story_verified(turn: Turn, story: Story, run: Run, answer: Verified) -> None:
    """The verify commands were run in the story's worktree."""
    run = replace(run, story_run=answer.run)
    if answer.run.interrupted:
        finish(turn, story, run, "interrupted")
    elif answer.run.is_green:
        gate.know(turn, answer.run.commit, story.verify, answer.run, story_id=story.story_id)
        turn.tell("verified", story, f"{commands_of(answer.run)} passed in the story's worktree")
        review.judge(turn, story, run)
    else:
        reason = why_red(answer.run, answer.tail)
        loss = Loss(type=FailureType.VERIFY_FAILED, reason=reason, context=answer.tail)
        lose(turn, story, run, loss)
