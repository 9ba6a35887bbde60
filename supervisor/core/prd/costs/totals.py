"""What a PRD has cost, and why it waits for money."""

from __future__ import annotations

from .....policies.costs.budget import NOTHING_SPENT, Spent
from ..memory import Memory, StoryState
from ..state import Prd, Story


def spent_of(prd: Prd) -> Spent:
    """What all stories of the PRD have cost, those that left the plan included."""
    return spent_by([story.memory for story in (*prd.stories, *prd.left)])


def spent_by(memories: list[Memory]) -> Spent:
    """What several stories have cost together."""
    total = NOTHING_SPENT
    for memory in memories:
        if memory.spending.spent != NOTHING_SPENT:
            total = total.plus(memory.spending.spent)
    return total


def money_awaited(prd: Prd) -> str:
    """Why nothing that costs money starts in the whole PRD, in one line; or empty."""
    is_open = any(not story.is_decided for story in prd.stories)
    return f"waits: {prd.funds.why}" if prd.funds.why and is_open else ""


def money_awaited_by(story: Story) -> str:
    """Why no agent of the story starts, in one line; or empty."""
    memory = story.memory
    is_idle = story.run is None and memory.state is StoryState.PENDING and not memory.is_claimed
    figures = story.over_budget or memory.budget_used
    return f"waits: {figures}" if figures and is_idle else ""
