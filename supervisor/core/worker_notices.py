"""What becomes of a story when its worker starts, dies, comes back or ends."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ...policies.spec import ExitReason
from ...workers.messages.git import CheckOut
from . import attempt, gate
from .child import Phase
from .commands import (
    ChildEnded,
    ChildGivenUp,
    ChildHeld,
    ChildNotice,
    ChildRestarting,
    ChildStarted,
    ChildUndead,
)
from .prd_state import Run, Stage, Story, story_of
from .records import StoryState
from .settle import Loss, finish, give_up, note_loss
from .turn import Turn, in_stage

_LEFT_TO_GIT = frozenset({Stage.COMMIT, Stage.PUBLISH})


def on_notice(turn: Turn, notice: ChildNotice) -> None:
    """Draw a story's conclusion from what its worker's supervisor says."""
    story = turn.prd.story(story_of(notice.child_id))
    if story is None or story.run is None:
        return
    match notice:
        case ChildStarted():
            attempt.on_worker_ready(turn, story, notice.incarnation)
        case ChildRestarting():
            _on_restarting(turn, story, story.run, notice.reason)
        case ChildGivenUp():
            _on_given_up(turn, story, story.run, notice.reason)
        case ChildUndead():
            pass  # its story waits for its end, as for any other
        case ChildEnded() | ChildHeld():
            _on_ended(turn, story, story.run, notice.reason)
        case _:
            assert_never(notice)


def on_respawn(turn: Turn, child_id: str) -> None:
    """A backoff is over: if the worker comes up again, so does its attempt's successor."""
    child = turn.prd.supervisor.child(child_id)
    story = turn.prd.story(story_of(child_id))
    if child is None or story is None or child.phase is not Phase.STARTING:
        return
    if in_stage(story, Stage.RESTART):
        attempt.on_spawn(turn, story)


def _on_restarting(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    if run.stage in _LEFT_TO_GIT:
        _leave_to_git(turn, story, run)
        return
    story = _give_all_back(turn, story, run, reason)
    if story.memory.state is StoryState.PENDING:
        turn.run(story, Run(stage=Stage.RESTART, attempt=story.memory.attempt))
    else:
        finish(turn, story, run, "failed")


def _on_given_up(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    if run.stage in _LEFT_TO_GIT:
        _leave_to_git(turn, story, run)
        return
    if run.stage is not Stage.FINISH:
        story = _give_all_back(turn, story, run, reason)
        if story.memory.is_claimed:  # nothing is lost yet, but nobody lives to see it through
            story = note_loss(turn, story, Loss(reason=_death(reason), keeps_claim=True))
        if story.memory.state is StoryState.PENDING:
            story = give_up(turn, story)
    turn.run(story, None)


def _on_ended(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    if run.stage in _LEFT_TO_GIT:
        _leave_to_git(turn, story, run)
        return
    if run.stage is not Stage.FINISH:
        story = _give_all_back(turn, story, run, reason, counts=turn.prd.deadline is None)
    turn.run(story, None)


def _leave_to_git(turn: Turn, story: Story, run: Run) -> None:
    """Its worker is gone, but not what the integrator does for it: the answer decides."""
    if run.stage is Stage.COMMIT:
        gate.release(turn, story)  # nobody is left to check its base
    asked = tuple(request for request in run.asked if not isinstance(request, CheckOut))
    left = replace(run, incarnation=0, worker_is_ready=False, is_checking_base=False, asked=asked)
    turn.run(turn.prd.story(story.story_id) or story, left)


def _give_all_back(
    turn: Turn, story: Story, run: Run, reason: ExitReason, *, counts: bool = True
) -> Story:
    """Take the gate and the lease from a dead worker's story, and note the attempt as lost.

    A story whose agent is over has lost nothing: it goes on at its evidence.
    """
    gate.release(turn, story)
    turn.return_lease(story, run)
    if not story.memory.is_open or story.memory.is_claimed:
        return turn.prd.story(story.story_id) or story
    return note_loss(turn, story, Loss(reason=_death(reason), counts=counts))


def _death(reason: ExitReason) -> str:
    return f"the worker died: {reason.detail}"
