"""What a PRD supervisor and its integrator say of stories at work: how they would meet."""

from __future__ import annotations

from msgspec import Struct

from .merging import Conflict
from .rules import Strategy

BRANCH = ""  # instead of another story: the PRD's own branch
MEETINGS_MAX = 100  # in one answer
PLACES_MAX = 20  # of one meeting


class Growing(Struct, frozen=True, kw_only=True):
    """A story whose work is not merged; with `head` its agent is over, and that is all of it."""

    story_id: str
    base: str
    worktree: str
    head: str = ""


class CompareStories(Struct, frozen=True, kw_only=True):
    """Merge what these stories have so far, for a trial; those that will be merged first, first.

    It is answered within about a second. `goes_on` takes up what that left, if anything.
    """

    stories: tuple[Growing, ...]
    strategy: Strategy = Strategy.ENTITY
    goes_on: bool = False


class Meeting(Struct, frozen=True, kw_only=True):
    """A story that will not come together with another one, or BRANCH, if both stay as they are."""

    story_id: str  # of the two the one that is merged later
    other: str
    places: tuple[Conflict, ...]


class Compared(Struct, frozen=True, kw_only=True):
    """The answer: every meeting among `stories` (those whose state could be read), once complete.

    Git refused something where there is a `problem`, which is no failure: there is a next time.
    """

    is_complete: bool
    stories: tuple[str, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    problem: str = ""
