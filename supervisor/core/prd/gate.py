"""The PRD's own worktree, where one story at a time is checked on its base or merged.

Stories that want to merge go first, in the order in which they became ready; while nobody wants
to, the bases of running stories are checked, so that no merge has to wait for that.
"""

from __future__ import annotations

from dataclasses import replace

from ....policies.outcome import VerifyRun
from ....workers.messages.git import CheckedOut, CheckOut, Publish, Trial, Tried
from ....workers.messages.setup import Setup
from ....workers.messages.story import RunVerify, Verified
from .state import Baseline, Run, Stage, Story
from .turn import Turn, in_stage
from .words import StartVerify

BASELINES_MAX = 100


def want_base(turn: Turn, story: Story) -> None:
    """Have the story's base checked when the gate is free, unless that is known."""
    if story.verify and turn.prd.baseline(story.memory.base, story.verify) is None:
        queue = (*turn.prd.base_queue, story.story_id)
        turn.prd = replace(turn.prd, base_queue=queue)
        enter(turn)


def want_merge(turn: Turn, story: Story) -> None:
    """Have the story merged when the gate is free."""
    queue = (*turn.prd.gate_queue, story.story_id)
    turn.prd = replace(turn.prd, gate_queue=queue)
    enter(turn)


def order_verify(
    turn: Turn, story: Story, stage: str, commit: str, cwd: str, *, setup: Setup | None = None
) -> None:
    """Have the story's worker run the verify commands somewhere."""
    order = RunVerify(
        stage=stage,
        commit=commit,
        cwd=cwd,
        commands=story.verify,
        timeout_s=turn.prd.limits.verify_timeout_s,
        setup=setup,
    )
    turn.do(StartVerify(story_id=story.story_id, order=order))


def release(turn: Turn, story: Story) -> None:
    """Let the next one in, and forget what this story wanted."""
    prd, name = turn.prd, story.story_id
    turn.prd = replace(
        prd,
        gate="" if prd.gate == name else prd.gate,
        gate_queue=tuple(other for other in prd.gate_queue if other != name),
        base_queue=tuple(other for other in prd.base_queue if other != name),
    )
    enter(turn)


def enter(turn: Turn) -> None:
    """Let the next story through the gate, if it is free."""
    while not turn.prd.gate and turn.prd.deadline is None:
        prd = turn.prd
        if prd.gate_queue:
            name, turn.prd = prd.gate_queue[0], replace(prd, gate_queue=prd.gate_queue[1:])
        elif prd.base_queue:
            name, turn.prd = prd.base_queue[0], replace(prd, base_queue=prd.base_queue[1:])
        else:
            return
        story = turn.prd.story(name)
        if story is not None and story.run is not None:
            _let_in(turn, story, story.run)


def _let_in(turn: Turn, story: Story, run: Run) -> None:
    if in_stage(story, Stage.GATE):
        turn.prd = replace(turn.prd, gate=story.story_id)
        _merge(turn, story, run)
    elif turn.prd.baseline(story.memory.base, story.verify) is None:
        turn.prd = replace(turn.prd, gate=story.story_id)
        _check_base(turn, story, run)


def _check_base(turn: Turn, story: Story, run: Run) -> None:
    base = story.memory.base
    request = CheckOut(story_id=story.story_id, attempt=run.attempt, commit=base)
    turn.ask_git(story, replace(run, is_checking_base=True), request)


def on_checked_out(turn: Turn, story: Story, run: Run, answer: CheckedOut) -> None:
    """The base stands in the PRD's worktree: run the verify commands over it."""
    if turn.prd.deadline is None:  # else its worker starts nothing any more
        turn.run(story, run)
        order_verify(turn, story, "base", answer.commit, answer.worktree, setup=answer.setup)


def on_base_verified(turn: Turn, story: Story, run: Run, answer: Verified) -> None:
    """What the base says is known; a merge goes on, a running agent is not concerned."""
    if not answer.run.interrupted:
        know_base(turn, answer.run.commit, story.verify, answer.run)
        if not answer.run.is_green:
            where = f"on the base {answer.run.commit[:10]}, before any work"
            turn.tell("base_red", story, f"{answer.run.failure} {where}")
    run = replace(run, is_checking_base=False)
    story = turn.run(story, run)
    if run.stage is Stage.BASE:
        if not answer.run.interrupted:
            _try(turn, story, run)
    else:
        turn.prd = replace(turn.prd, gate="")
        enter(turn)


def base_is_unknown(turn: Turn, story: Story, run: Run) -> None:
    """The base could not be checked out; the merge will try again, the agent is not concerned."""
    turn.run(story, replace(run, is_checking_base=False))
    turn.prd = replace(turn.prd, gate="")
    enter(turn)


def know_base(turn: Turn, commit: str, commands: tuple[str, ...], run: VerifyRun) -> None:
    """Remember what the verify commands say about a commit that stories may start from."""
    known = Baseline(commit=commit, commands=commands, run=run)
    turn.prd = replace(turn.prd, baselines=(*turn.prd.baselines, known)[-BASELINES_MAX:])


def _merge(turn: Turn, story: Story, run: Run) -> None:
    """Merge, once the base is known: "green without any work" has to be on record."""
    if story.verify and turn.prd.baseline(story.memory.base, story.verify) is None:
        _check_base(turn, story, replace(run, stage=Stage.BASE))
    else:
        _try(turn, story, run)


def _try(turn: Turn, story: Story, run: Run) -> None:
    base_run = turn.prd.baseline(story.memory.base, story.verify) if story.verify else None
    request = Trial(
        story_id=story.story_id,
        title=story.title,
        attempt=run.attempt,
        head=story.memory.head,
    )
    turn.ask_git(story, replace(run, stage=Stage.TRIAL, base_run=base_run), request)


def on_tried(turn: Turn, story: Story, run: Run, answer: Tried) -> None:
    """The merge stands where nobody sees it: verify it, or publish it unverified."""
    run = replace(run, commit=answer.commit, onto=answer.onto, prd_file=answer.prd_file)
    if not story.verify:
        publish(turn, story, run)
        return
    turn.run(story, replace(run, stage=Stage.MERGED))
    order_verify(turn, story, "merged", answer.commit, answer.worktree, setup=answer.setup)


def publish(turn: Turn, story: Story, run: Run) -> None:
    """Let the PRD's branch show the merge."""
    request = Publish(
        story_id=story.story_id,
        attempt=run.attempt,
        commit=run.commit,
        onto=run.onto,
        prd_file=run.prd_file,
    )
    turn.ask_git(story, replace(run, stage=Stage.PUBLISH), request)
