"""How a PRD has ended, or would if it ended now."""

from __future__ import annotations

from .approvals.waits import awaited_of, end_awaited, end_refused
from .costs.totals import money_awaited, money_awaited_by
from .memory import StoryState
from .state import Prd


def outcome(prd: Prd) -> tuple[str, tuple[str, ...]]:
    """How the PRD ended: completed, failed or stopped; and why, a line each."""
    wanted = [story for story in prd.stories if not story.memory.is_unwanted]
    lost = {StoryState.FAILED, StoryState.SKIPPED}
    refused = end_refused(prd)
    reasons: tuple[str, ...] = ()
    if refused is not None:
        reasons = (f"rejected by {refused.by}: {refused.reason}",)
    reasons += tuple(
        f"{story.story_id}: {story.lacks or story.memory.reason}"
        for story in wanted
        if story.lacks or story.memory.state in lost
    )
    reasons += (prd.rollback,) if prd.rollback else ()
    if prd.failure:
        return "failed", (prd.failure, *reasons)
    if any(story.memory.state is StoryState.PENDING and not story.lacks for story in wanted):
        return "stopped", (*_unpaid(prd), *_unanswered(prd), *reasons)
    if reasons:
        return "failed", reasons
    if end_awaited(prd):
        command = f"`prd-supervise approve {prd.prd_id}`"
        return "stopped", (f"all is done, and waits for approval: {command}",)
    if prd.landing is not None:  # it was stopped on the way
        return "stopped", (f"all is done, but it is not in {prd.landing.into} yet",)
    return "completed", ((prd.landed,) if prd.landed else ())


def _unanswered(prd: Prd) -> tuple[str, ...]:
    """Whose going on depends on a person."""
    return tuple(
        f"{name}: waits for approval: `prd-supervise approve {prd.prd_id}/{name}`"
        for name in (story.story_id for story in prd.stories if awaited_of(story))
    )


def _unpaid(prd: Prd) -> tuple[str, ...]:
    """What waits for money, of a PRD that is stopped: it alone, where its own budget is used up."""
    if whole := money_awaited(prd):
        return (whole,)
    waiting = ((story.story_id, money_awaited_by(story)) for story in prd.stories)
    return tuple(f"{story_id}: {why}" for story_id, why in waiting if why)
