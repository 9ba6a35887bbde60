"""How states look: a mark and a tone each, so that neither colour nor Unicode is needed."""

from __future__ import annotations

from msgspec import Struct

from ...shell.status.document import PrdStatus, StoryStatus
from ..status.words import STOPPING, is_stopping
from .looks import Style, Tone

AT_WORK = frozenset(
    ["starting", "setting up", "running", "verifying", "in review", "merging", "ending"]
)
APPROVAL = "waiting for approval"
ENDED = frozenset(["completed", "failed", "stopped", "interrupted"])


class Mark(Struct, frozen=True):
    """One character, what it is in ASCII, and the tone of what it stands for."""

    glyph: str
    plain: str
    tone: Tone

    def by(self, style: Style) -> str:
        """The character for this terminal."""
        return self.plain if style.is_ascii else self.glyph


_BUSY = Mark("●", "*", Tone.BUSY)
_WAITS = Mark("·", ".", Tone.DIM)
_STATES = {
    "done": Mark("✓", "+", Tone.GOOD),
    "completed": Mark("✓", "+", Tone.GOOD),
    "done (unverified)": Mark("✓", "+", Tone.WARN),
    "failed": Mark("✗", "x", Tone.BAD),
    "rolled back": Mark("✗", "x", Tone.BAD),
    "skipped": Mark("-", "-", Tone.DIM),
    "held": Mark("=", "=", Tone.WARN),
    "backing off": Mark("~", "~", Tone.WARN),
    "stopped": Mark("■", "#", Tone.WARN),
    "interrupted": Mark("■", "#", Tone.WARN),
    "active": _BUSY,
    STOPPING: Mark("●", "*", Tone.WARN),
    APPROVAL: Mark("?", "?", Tone.WARN),
    **dict.fromkeys(AT_WORK, _BUSY),
}

_SHORT = {
    APPROVAL: "approval?",
    "done (unverified)": "done (?)",
    "interrupted": "broken off",
    "rolled back": "taken back",
    "backing off": "backoff",
    "setting up": "set-up",
}


def mark_of(one: PrdStatus | StoryStatus) -> Mark:
    """How a PRD or a story looks."""
    state = state_of(one)
    return _STATES["held"] if state.endswith("(held)") else _STATES.get(state, _WAITS)


def state_of(one: PrdStatus | StoryStatus) -> str:
    """Its state in a word or two; what a person has to do about it comes first."""
    if isinstance(one, PrdStatus) and is_stopping(one):
        return STOPPING
    if one.awaits or (isinstance(one, PrdStatus) and _waits_for_people(one)):
        return APPROVAL
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
    if story.reason and is_at_work(story) and story.attempt > 1 and story.state != "merging":
        return f"after {story.reason}"
    return story.reason or ""


def is_lost(story: StoryStatus) -> bool:
    """Say whether nothing comes of it any more by itself."""
    return story.state in {"failed", "skipped", "rolled back"}


def is_done(story: StoryStatus) -> bool:
    """Say whether it counts as done."""
    return story.state.startswith("done")


def is_at_work(story: StoryStatus) -> bool:
    """Say whether processes of it are alive, or git is at work for it."""
    return story.state in AT_WORK
