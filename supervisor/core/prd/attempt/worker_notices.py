"""What becomes of a story when its worker starts, dies, comes back or ends."""

from __future__ import annotations

from typing import assert_never

from .....policies.outcomes.failure import FailureType, type_of
from .....policies.outcomes.outcome import cause_of
from .....policies.supervising.shutdown import deadline_from
from .....policies.supervising.spec import ExitClass, ExitReason
from .....policies.values import replace
from .....workers.messages.git import CheckOut
from .....workers.messages.prd import StoryAtRest
from ...otp.child import Phase
from ...otp.commands import (
    ChildEnded,
    ChildGivenUp,
    ChildHeld,
    ChildNotice,
    ChildRestarting,
    ChildStarted,
    ChildUndead,
)
from ...otp.events import ChildExited, ChildStopRequested
from ..agents import review
from ..costs import budget
from ..memory import StoryState
from ..state import Run, Stage, Story, story_of, worker_of
from ..train import gate
from ..turn import Turn, in_stage
from ..words import Say, WorkerRefused
from . import attempt
from .loss import Loss
from .settle import back_off, finish, give_up, note_loss, went_down_with

REFUSALS_MAX = 20  # in a row: then a refusal costs an attempt, so that nothing waits for ever
_LEFT_TO_GIT = frozenset({Stage.COMMIT, Stage.PUBLISH})


def on_notice(turn: Turn, notice: ChildNotice) -> None:
    """Draw a story's conclusion from what its worker's supervisor says."""
    story = turn.prd.story(story_of(notice.child_id))
    if story is None:
        return
    match notice:
        case ChildStarted():
            attempt.on_worker_ready(turn, story, notice.incarnation)
        case ChildUndead():
            turn.tell("undead", story, "its worker was killed and is not gone")
            gate.free(turn, story.story_id)  # nobody waits for what the kernel keeps
        case _:
            turn.do(Say(word=StoryAtRest(story_id=story.story_id)))
            gate.free(turn, story.story_id)
            if story.run is not None:
                _on_gone(turn, story, story.run, notice)
            if isinstance(notice, ChildHeld):  # once released, the story is scheduled anew
                _forget_worker(turn, notice.child_id)


def _on_gone(
    turn: Turn,
    story: Story,
    run: Run,
    notice: ChildRestarting | ChildHeld | ChildEnded | ChildGivenUp,
) -> None:
    if run.stage in _LEFT_TO_GIT:
        _leave_to_git(turn, story, run)
        return
    match notice:
        case ChildRestarting():
            _on_restarting(turn, story, run, notice.reason)
        case ChildGivenUp():
            _on_given_up(turn, story, run, notice.reason)
        case ChildEnded() | ChildHeld():
            _on_ended(turn, story, run, notice.reason)
        case _:
            assert_never(notice)


def _forget_worker(turn: Turn, child_id: str) -> None:
    now = deadline_from(turn.now_s, 0.0)
    turn.supervise(ChildStopRequested(child_id=child_id, deadline=now))


def on_respawn(turn: Turn, child_id: str) -> None:
    """A worker was started: if it comes up again, so does its attempt's successor."""
    story = turn.prd.story(story_of(child_id))
    if story is not None and in_stage(story, Stage.RESTART):
        attempt.on_spawn(turn, story)


def on_refused(turn: Turn, event: WorkerRefused) -> None:
    """Something of an earlier attempt lives (D6): the story waits until it is gone.

    That is no fault of the story, so it costs neither an attempt nor a restart.
    """
    child = turn.prd.workers.child(worker_of(event.story_id))
    story = turn.prd.story(event.story_id)
    if story is None or child is None or child.incarnation != event.incarnation:
        return  # late
    if child.phase is not Phase.STARTING:
        return
    run = story.run
    if run is not None:
        story = turn.change(replace(story, refusals=story.refusals + 1))
        if story.refusals == 1:  # told once, however long it takes
            turn.tell("undead", story, event.text)
        counts = story.refusals >= REFUSALS_MAX
        story = _give_all_back(turn, story, run, _refused(event, counts=counts))
        if story.memory.state is StoryState.PENDING:
            story = back_off(turn, story, story.refusals)
        turn.run(story, None)
    never_begun = ExitReason(exit_class=ExitClass.SHUTDOWN, detail=event.text)
    turn.supervise(
        ChildExited(child_id=child.child_id, incarnation=child.incarnation, reason=never_begun)
    )


def _refused(event: WorkerRefused, *, counts: bool) -> Loss:
    return Loss(type=FailureType.WORKER_REFUSED, reason=event.text, counts=counts)


def _on_restarting(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    story = _give_all_back(turn, story, run, _loss(turn, story, run, reason))
    if story.memory.state is not StoryState.PENDING:
        finish(turn, story, run, "failed")
        return
    turn.run(story, Run(stage=Stage.RESTART, attempt=story.memory.attempt))


def _on_given_up(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    if run.stage is not Stage.FINISH:
        loss = _loss(turn, story, run, reason)
        story = _give_all_back(turn, story, run, loss)
        if story.memory.is_claimed:  # nothing is lost yet, but nobody lives to see it through
            story = note_loss(turn, story, replace(loss, keeps_claim=True))
        if story.memory.state is StoryState.PENDING:
            story = give_up(turn, story, loss.cause)
    turn.run(story, None)


def _on_ended(turn: Turn, story: Story, run: Run, reason: ExitReason) -> None:
    if run.stage is not Stage.FINISH:
        loss = _loss(turn, story, run, reason)
        is_claimed = story.memory.is_claimed
        story = _give_all_back(turn, story, run, loss)
        if is_claimed and loss.counts:  # no supervisor bounds how often its evidence is begun
            story = note_loss(turn, story, replace(loss, keeps_claim=True))
    turn.run(story, None)


def _leave_to_git(turn: Turn, story: Story, run: Run) -> None:
    """Its worker is gone, but not what the integrator does for it: the answer decides."""
    if run.stage is Stage.COMMIT:
        gate.leave(turn, story)  # nobody is left to check its base
    asked = tuple(request for request in run.asked if not isinstance(request, CheckOut))
    left = replace(run, incarnation=0, worker_is_ready=False, is_checking_base=False, asked=asked)
    turn.run(turn.prd.story(story.story_id) or story, left)


def _give_all_back(turn: Turn, story: Story, run: Run, loss: Loss) -> Story:
    """Take the gate and the lease from a dead worker's story, and note the attempt as lost.

    A story whose agent is over has lost nothing: it goes on at its evidence.
    """
    gate.leave(turn, story)
    turn.return_lease(story, run)
    review.on_worker_gone(turn, story, run, loss)
    story = budget.note_unsaid(turn, turn.prd.story(story.story_id) or story)
    if not story.memory.is_open or story.memory.is_claimed:
        return turn.prd.story(story.story_id) or story
    return note_loss(turn, story, loss)


def _loss(turn: Turn, story: Story, run: Run, reason: ExitReason) -> Loss:
    """What the death of a worker costs: nothing, if a stop or its group took it down."""
    died = f"the worker died: {reason.detail}"
    if turn.prd.deadline is not None:
        return Loss(type=FailureType.STOPPED, reason=died, counts=False)
    if worker_of(story.story_id) in turn.taken_down:
        reason_told = went_down_with(turn.prd)
        return Loss(type=FailureType.GROUP_STOPPED, reason=reason_told, counts=False)
    turn.prd = replace(turn.prd, fell=story.story_id)
    if run.demanded is not None:
        return Loss(
            type=type_of(run.demanded),
            reason=f"{run.demand}; {died}",
            counts=not run.is_for_others,
            cause=cause_of(run.demanded),
        )
    return Loss(type=FailureType.WORKER_DIED, reason=died, cause=reason.cause)
