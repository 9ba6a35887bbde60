"""How a PRD winds up: all is decided, or it is being stopped."""

from __future__ import annotations

from ....policies.outcomes.failure import FailureType
from ....workers.messages.prd import PrdEnded
from . import closing
from .approvals.asking import holds_the_end
from .attempt.loss import Loss
from .attempt.settle import finish, note_loss
from .landing import landing
from .outcome import outcome
from .state import Stage
from .taking import take_prd_file
from .train import dispatch
from .turn import Turn, in_stage, running
from .words import End, Say

BURNT_OUT = 70


def close_if_decided(turn: Turn) -> None:
    """Let what is complete go into its base branch if that is wanted, and tidy up."""
    prd = turn.prd
    if not all(story.is_decided for story in prd.stories):
        return
    if holds_the_end(turn):
        return
    take_prd_file(turn)
    if prd.merging.auto and outcome(turn.prd)[0] == "completed":
        landing.begin(turn)
    else:
        closing.close(turn)


def let_go(turn: Turn) -> None:
    """While stopping: what is neither an agent at work nor a commit on its way is for a resume."""
    dispatch.let_go(turn)
    for story in running(turn.prd):
        if not in_stage(story, Stage.AGENT, Stage.COMMIT, Stage.PUBLISH, Stage.FINISH):
            loss = Loss(type=FailureType.STOPPED, reason="stopped", counts=False, keeps_claim=True)
            noted = note_loss(turn, story, loss) if story.memory.is_open else story
            if noted.run is not None:
                finish(turn, noted, noted.run, "interrupted")


def take_leave(turn: Turn) -> None:
    """Say the last word to root."""
    if turn.prd.is_burnt_out:
        turn.do(End(exit_code=BURNT_OUT))
        return
    state, reasons = outcome(turn.prd)
    turn.do(Say(word=PrdEnded(state=state, reasons=reasons)))
    turn.do(End(exit_code=0))
