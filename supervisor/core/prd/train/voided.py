"""Attempts that began from a merge which came to nothing: ended, at no cost, and begun afresh."""

from __future__ import annotations

from .....policies.outcomes.failure import FailureType
from .....policies.outcomes.outcome import OutcomeKind
from .....policies.values import replace
from .....workers.messages.story import EndAgent
from ..attempt.loss import Loss
from ..attempt.settle import finish, lose, note_loss
from ..memory import StoryState
from ..skipping import skip_blocked
from ..state import Run, Stage, Story
from ..turn import Turn
from ..words import TellWorker
from .speculation import ground_of

_NO_AGENT_YET = frozenset({Stage.LEASE, Stage.GATHER, Stage.RESTART})
_JUDGED = frozenset({Stage.SETUP, Stage.VERIFY, Stage.REVIEW, Stage.GATE})


def rest(turn: Turn, story: Story) -> Story:
    """Remember on which merge the attempt rests that begins now, if it rests on one."""
    if story.memory.is_claimed or story.memory.base:
        return story
    return turn.change(replace(story, rests_on=ground_of(turn.prd, story)))


def tidy(turn: Turn) -> None:
    """After every event: end what rests on a merge that will not be, and settle what is over."""
    train = turn.prd.train
    merges = {car.commit for car in train.cars} if train is not None else set()
    for story in turn.prd.stories:
        if story.rests_on and story.run is None:
            turn.change(replace(story, rests_on=""))
        elif story.rests_on and story.rests_on not in merges:
            text = f"it began from the merge {story.rests_on[:10]}, which came to nothing"
            _end(turn, turn.change(replace(story, rests_on="", voided=text)), story.run)
        elif story.voided and story.run is not None and story.run.stage in _NO_AGENT_YET:
            _end(turn, story, story.run)
        elif story.voided and story.run is None:
            turn.change(replace(story, voided=""))
            if story.memory.state is StoryState.PENDING:
                skip_blocked(turn)  # what it needs may have been given up meanwhile


def _end(turn: Turn, story: Story, run: Run | None) -> None:
    if run is None:
        return
    loss = loss_of(story)
    if run.stage in _NO_AGENT_YET:
        noted = note_loss(turn, story, loss) if story.memory.is_open else story
        if noted.run is not None:
            finish(turn, noted, noted.run, "interrupted")
    elif run.stage in _JUDGED:
        lose(turn, story, run, loss)
    elif run.stage is Stage.AGENT:
        end = EndAgent(kind=OutcomeKind.INTERRUPTED, detail=story.voided)
        turn.do(TellWorker(story_id=story.story_id, order=end))


def loss_of(story: Story) -> Loss:
    """What such an attempt costs: nothing."""
    return Loss(type=FailureType.BASE_GONE, reason=story.voided, is_fresh=True, counts=False)
