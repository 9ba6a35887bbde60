"""What becomes of a story when its worker starts, dies, comes back or ends."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ...policies.shutdown import deadline_from
from ...policies.spec import ExitReason
from . import attempt, gate
from .child import Phase
from .commands import (
    ChildEnded,
    ChildGivenUp,
    ChildRestarting,
    ChildStarted,
)
from .events import ChildStopRequested
from .prd_state import Run, Stage, Story, story_of, worker_of
from .records import StoryState
from .settle import Loss, give_up, note_loss
from .turn import Turn, in_stage


def on_notice(
    turn: Turn, notice: ChildStarted | ChildRestarting | ChildEnded | ChildGivenUp
) -> None:
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
            _on_given_up(turn, story, notice.reason)
        case ChildEnded():
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
    if run.stage is Stage.FINISH:  # all was decided: nobody needs it back
        deadline = deadline_from(turn.now_s, 0.0)
        turn.supervise(ChildStopRequested(child_id=worker_of(story.story_id), deadline=deadline))
        return
    if run.stage is Stage.PUBLISH:  # the integrator will say whether the branch moved
        turn.run(story, replace(run, worker_is_ready=False, incarnation=0))
        return
    story = _give_all_back(turn, story, reason)
    if story.memory.state is StoryState.PENDING:
        turn.run(story, Run(stage=Stage.RESTART, attempt=story.memory.attempt))
    else:
        turn.run(story, replace(run, stage=Stage.FINISH, asked=(), has_lease=False))
        deadline = deadline_from(turn.now_s, 0.0)
        turn.supervise(ChildStopRequested(child_id=worker_of(story.story_id), deadline=deadline))


def _on_given_up(turn: Turn, story: Story, reason: ExitReason) -> None:
    story = _give_all_back(turn, story, reason)
    if story.memory.state is StoryState.PENDING:
        story = give_up(turn, story)
    turn.run(story, None)


def _on_ended(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    if run.stage is not Stage.FINISH:
        story = _give_all_back(turn, story, reason, counts=turn.prd.deadline is None)
    turn.run(story, None)


def _give_all_back(turn: Turn, story: Story, reason: ExitReason, *, counts: bool = True) -> Story:
    """Take the gate and the lease from a dead worker's story, and note the attempt as lost.

    A story whose agent is over has lost nothing: it goes on at its evidence.
    """
    gate.release(turn, story)
    turn.return_lease(story)
    if not story.memory.is_open or story.memory.is_claimed:
        return turn.prd.story(story.story_id) or story
    return note_loss(turn, story, Loss(reason=f"the worker died: {reason.detail}", counts=counts))
