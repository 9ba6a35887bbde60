"""What git could not do just now: it passes by itself, so that no attempt is paid for it.

A full disk, a lock that somebody holds, a branch that somebody looks at: the story waits, longer
from time to time, and goes on where it was. That ends with the night, not with its attempts.
"""

from __future__ import annotations

from .....policies.outcomes.failure import FailureType
from .....policies.values import replace
from .....workers.messages.git import GitFailed
from ..memory import StoryState
from ..state import Run, Story
from ..turn import Turn
from .loss import Loss
from .settle import back_off, finish, lose, note_loss

HINDRANCES_MAX = 600  # some ten hours, with a minute between them


def on_git_failed(turn: Turn, story: Story, run: Run, answer: GitFailed) -> None:
    """Git refused: the attempt is lost, or put off; what the agent did is kept."""
    loss = Loss(type=FailureType.GIT_FAILED, reason=f"git: {answer.message}", keeps_claim=True)
    hindrances = story.hindrances + 1
    if not answer.passes or hindrances > HINDRANCES_MAX:
        lose(turn, turn.change(replace(story, hindrances=0)), run, loss)
        return
    story = turn.change(replace(story, hindrances=hindrances, hindrance=answer.message))
    story = note_loss(turn, story, replace(loss, counts=False))
    if story.memory.state is StoryState.PENDING:
        story = back_off(turn, story, hindrances)
    finish(turn, story, run, "interrupted")
