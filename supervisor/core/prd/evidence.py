"""The second half of an attempt: evidence, merge, and what counts as done.

    COMMIT -> VERIFY -> GATE -> [BASE] -> TRIAL -> MERGED -> PUBLISH -> FINISH

Each arrow is one of the five points of README's "When is a story done?"; whatever is missing
on the way ends the attempt with its reason.
"""

from __future__ import annotations

from dataclasses import replace

from ....policies.outcome import VerifyRun
from ....workers.messages.git import Committed, Published, Tried
from ....workers.messages.story import Verified
from . import gate
from .records import StoryDone, WorkKept
from .settle import Loss, finish, lose
from .state import Run, Stage, Story
from .turn import Turn


def on_committed(
    turn: Turn, story: Story, run: Run, answer: Committed, tampering: tuple[str, ...]
) -> None:
    """The work is kept; judge the claim."""
    reason = run.failure or answer.problem
    if not reason and not answer.files and not story.no_code:
        reason = "the agent claims success, but nothing differs from the base"
    record = WorkKept(
        story_id=story.story_id,
        attempt=run.attempt,
        head=answer.head,
        is_claimed=not reason,
        files=answer.files,
        tampering=tampering,
    )
    story = turn.record(story, record)
    for line in tampering:
        turn.tell("tampering", story, line)
    if reason:
        loss = Loss(
            reason=reason,
            counts=not (run.is_interrupted or run.is_for_others),
            waits=run.is_for_others,
            cause=run.cause,
        )
        lose(turn, story, run, loss)
    else:
        verify(turn, story, replace(run, setup=answer.setup))


def verify(turn: Turn, story: Story, run: Run) -> None:
    """Run the verify commands in the story's worktree."""
    if turn.prd.deadline is not None or run.incarnation == 0:
        # The rest is for a resume, or for another worker, where this one died.
        finish(turn, story, run, "interrupted")
    elif not story.verify:
        gate.want_merge(turn, turn.run(story, replace(run, stage=Stage.GATE)))
    else:
        memory = story.memory
        gate.order_verify(turn, story, "story", memory.head, memory.worktree, setup=run.setup)
        turn.run(story, replace(run, stage=Stage.VERIFY, setup=None))


def on_story_verified(turn: Turn, story: Story, run: Run, answer: Verified) -> None:
    """The verify commands were run in the story's worktree."""
    run = replace(run, story_run=answer.run)
    if answer.run.interrupted:
        finish(turn, story, run, "interrupted")
    elif answer.run.is_green:
        turn.tell("verified", story, f"{_commands(answer.run)} passed in the story's worktree")
        gate.want_merge(turn, turn.run(story, replace(run, stage=Stage.GATE)))
    else:
        lose(turn, story, run, Loss(reason=why_red(answer), context=answer.tail))


def on_tried(turn: Turn, story: Story, run: Run, answer: Tried) -> None:
    """The merge stands, or it conflicts: then the story goes again on top of what was merged."""
    if answer.conflicts:
        paths = ", ".join(answer.conflicts[:5])
        reason = f"its merge into {turn.prd.branch} conflicts in {paths}"
        lose(turn, story, run, Loss(reason=reason, is_fresh=True))
    else:
        gate.on_tried(turn, story, run, answer)


def on_merged_verified(turn: Turn, story: Story, run: Run, answer: Verified) -> None:
    """The verify commands were run on the merged tree; a red one never becomes visible."""
    run = replace(run, merged_run=answer.run)
    if answer.run.interrupted:
        finish(turn, story, run, "interrupted")
    elif answer.run.is_green:
        gate.publish(turn, story, run)
    else:
        reason = f"green alone, but on top of {turn.prd.branch} {why_red(answer)}"
        lose(turn, story, run, Loss(reason=reason, context=answer.tail, is_fresh=True))


def on_published(turn: Turn, story: Story, run: Run, answer: Published) -> None:
    """The PRD's branch shows the story: it is done."""
    if answer.moved:  # somebody else moved the branch: merge again on top of that
        if run.incarnation == 0:  # its worker died meanwhile: another one goes on at verify
            finish(turn, story, run, "interrupted")
            return
        gate.release(turn, story)
        gate.want_merge(turn, turn.run(story, replace(run, stage=Stage.GATE)))
        return
    record = StoryDone(
        story_id=story.story_id,
        attempt=run.attempt,
        commit=run.commit,
        evidence=evidence_of(run),
    )
    story = turn.record(story, record)
    if run.merged_run is not None:
        gate.know_base(turn, answer.head, story.verify, run.merged_run)
    turn.tell("merged", story, f"merged as {run.commit[:10]}: {record.evidence}")
    gate.release(turn, story)
    finish(turn, story, run, "merged")


def evidence_of(run: Run) -> str:
    """One line that says why the story counts as done."""
    if run.merged_run is None:
        return "unverified"
    before = (
        "red before"
        if run.base_run is not None and not run.base_run.is_green
        else ("green before the work too" if run.base_run is not None else "not known before")
    )
    return f"verified on the merged tree by {_commands(run.merged_run)}, {before}"


def why_red(answer: Verified) -> str:
    """The command that failed, and the last thing that it said."""
    lines = [line.strip() for line in answer.tail.splitlines() if line.strip()]
    return f"{answer.run.failure}: {lines[-1][:200]}" if lines else answer.run.failure


def _commands(run: VerifyRun) -> str:
    names = ", ".join(f"`{each.command}`" for each in run.commands[:3])
    more = len(run.commands) - 3
    return f"{names} and {more} more" if more > 0 else names
