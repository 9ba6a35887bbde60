"""What changed outside of a story's worktree while agents were at work: who may have done it."""

from __future__ import annotations

from .....workers.messages.git import Resting
from ..memory import StoryState
from ..state import ABOARD, Prd, Stage, Story
from ..turn import in_stage

_WITH_AGENT = (Stage.AGENT, Stage.REVIEW)


def beside(prd: Prd, story: Story) -> tuple[str, ...]:
    """The other stories that have an agent at work."""
    others = (each for each in prd.stories if in_stage(each, *_WITH_AGENT))
    return tuple(each.story_id for each in others if each.story_id != story.story_id)


def resting(prd: Prd, story: Story) -> tuple[Resting, ...]:
    """The worktrees of other stories in which nobody of ours writes anything."""
    return tuple(
        Resting(story_id=each.story_id, worktree=each.memory.worktree)
        for each in prd.stories
        if each.story_id != story.story_id and each.memory.worktree and _rests(prd, each)
    )


def _rests(prd: Prd, story: Story) -> bool:
    if story.run is None:
        return story.memory.state is not StoryState.DONE
    # Where there is no room for more, a train is verified in the worktree of one that waits.
    return story.run.stage in {Stage.GATE, *ABOARD} and prd.gate != story.story_id


def told(prd: Prd, story: Story, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines, with all who may have done it."""
    names = ", ".join((story.story_id, *beside(prd, story)))
    return tuple(
        f"while it ran: {line}; if that was not you, it was an agent of {names}" for line in lines
    )
