"""The state of a PRD or story as people see it: a mark, a word or two, and why."""

from __future__ import annotations

from ...shell.status.document import PrdStatus, StoryStatus
from ...shell.status.states import AT_WORK, AWAITED, ENDED, LOST, STOPPING, UNVERIFIED
from ..words.reasons import why_text
from . import marks
from .marks import Mark

_SHORT = {
    AWAITED: "approval?",
    UNVERIFIED: "done (?)",
    "interrupted": "broken off",
    "rolled back": "taken back",
    "backing off": "backoff",
    "setting up": "set-up",
}


def mark_of(one: PrdStatus | StoryStatus) -> Mark:
    """How a PRD or a story looks."""
    state = state_of(one)
    return marks.HELD if state.endswith("(held)") else marks.mark_of(state)


def state_of(one: PrdStatus | StoryStatus) -> str:
    """Its state in a word or two; what a person has to do about it comes first."""
    if isinstance(one, PrdStatus) and one.stopping:
        return STOPPING
    if one.awaits or (isinstance(one, PrdStatus) and _waits_for_people(one)):
        return AWAITED
    state = one.state
    if isinstance(one, PrdStatus) and state == "active":
        state = "waiting" if _is_idle(one) else "running"
    if one.held and state != "held" and state not in ENDED:
        return "held" if state in {"queued", "waiting"} else f"{state} (held)"
    return state


def _is_idle(prd: PrdStatus) -> bool:
    """Say whether nothing is at work in a PRD that runs, and why is known: a limit, a budget."""
    return bool(prd.note) and not any(is_at_work(story) for story in prd.stories)


def _waits_for_people(prd: PrdStatus) -> bool:
    """Say whether a PRD that runs has nothing at work, and stories that wait for approval."""
    if prd.state != "active" or not any(story.awaits for story in prd.stories):
        return False
    return not any(is_at_work(story) for story in prd.stories)


def state_text(one: PrdStatus | StoryStatus, width: int) -> str:
    """Its state in at most so many cells, where there is a shorter word for it."""
    state = state_of(one)
    return _SHORT.get(state, state) if len(state) > width else state


def reason_of(story: StoryStatus) -> str:
    """Why it is so; of a story at work it is what its attempt before was lost for."""
    if story.awaits:
        return (story.reason or "").removeprefix("waits for approval ")
    return why_text(story)


def is_lost(story: StoryStatus) -> bool:
    """Say whether nothing comes of it any more by itself."""
    return story.state in LOST


def is_at_work(story: StoryStatus) -> bool:
    """Say whether processes of it are alive, or git is at work for it."""
    return story.state in AT_WORK
