"""Stories that are not begun, because one that they need is not done."""

from __future__ import annotations

from ....policies.outcomes.failure import FailureType
from ....policies.scheduling.schedule import blocked
from .attempt.hints import hints_of
from .candidates import candidate_of, undecided
from .memory import StoryState
from .records import StoryReset, StorySkipped
from .state import Story
from .turn import Turn


def skip_blocked(turn: Turn) -> None:
    """Skip the stories that need one that failed or is skipped."""
    hopeless = (StoryState.FAILED, StoryState.SKIPPED)
    failed = [each.story_id for each in turn.prd.stories if each.memory.state in hopeless]
    for story_id, cause in blocked(undecided(turn.prd), failed):
        story = turn.prd.story(story_id)
        if story is not None and story.run is None:
            reason = f"needs {cause}, which is not done"
            skip(turn, story, reason, FailureType.NEEDS_FAILED, cause)


def take_back_skips(turn: Turn) -> None:
    """Let the stories go on that were skipped for one that may be done after all."""
    stories = turn.prd.stories
    skipped = [s for s in stories if s.memory.state is StoryState.SKIPPED]
    wanted = [story for story in skipped if not story.memory.is_unwanted]
    failed = [s.story_id for s in stories if s.memory.state is StoryState.FAILED]
    if failed and turn.prd.limits.fail_fast:
        return
    failed += [story.story_id for story in skipped if story.memory.is_unwanted]
    hopeless = {name for name, _ in blocked([candidate_of(each) for each in wanted], failed)}
    for story in wanted:
        if story.story_id not in hopeless:
            text = "what it was skipped for no longer stands in its way"
            turn.tell("reopened", turn.record(story, StoryReset(story_id=story.story_id)), text)


def skip(turn: Turn, story: Story, reason: str, why: FailureType, cause: str) -> Story:
    """Journal that a story is not begun, for `cause`, which is another one of the PRD."""
    hints = hints_of(why, prd_id=turn.prd.prd_id, story_id=story.story_id, cause=cause)
    record = StorySkipped(story_id=story.story_id, reason=reason, type=why.value, hints=hints)
    story = turn.record(story, record)
    turn.tell("story_skipped", story, reason, story.memory.lost)
    return story
