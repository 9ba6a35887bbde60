"""Points at which a person has the word: what may be asked, and what counts as an answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

REASON_MAX = 2_000  # characters: it goes into a prompt, an event and a journal
EVERYTHING_WAITS = "everything waits for a person; `prd-supervise approve` says what"
_FORBIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half characters, line ends


class Point(Enum):
    """Where the tree waits for a person."""

    STORY = "story"  # before the first attempt at a story
    MERGE = "merge"  # before work that is green by itself enters the train
    PRD = "prd"  # before a PRD of which all is done is completed, and lands


OF_STORIES = (Point.STORY, Point.MERGE)
INTERACTIVE = (Point.MERGE, Point.PRD)  # what `--interactive` means


class Word(Enum):
    """What a person has said."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Approval(Struct, frozen=True, kw_only=True):
    """A question to a person, and the answer once there is one.

    `work` says what it is about: the answer counts for that alone, and for nothing that follows.
    """

    point: Point
    work: str
    word: Word | None = None
    by: str = ""
    reason: str = ""

    @property
    def is_refused(self) -> bool:
        """Say whether a person has refused it."""
        return self.word is Word.REJECTED

    def is_about(self, point: Point, work: str) -> bool:
        """Say whether this is the same question."""
        return (self.point, self.work) == (point, work)


def points_of(*said: Iterable[str | Point]) -> tuple[Point, ...]:
    """All points that any of these names: who says something can only add to it."""
    named = {Point(each) for names in said for each in names}
    return tuple(point for point in Point if point in named)


def story_points(*said: Iterable[str | Point]) -> tuple[Point, ...]:
    """The same, as far as a story has them."""
    return tuple(point for point in points_of(*said) if point in OF_STORIES)


def reason_problem(reason: str) -> str:
    """What is wrong with the reason of a rejection, and what to do; empty: nothing."""
    if not reason.strip():
        return "the reason is empty; say why, the next attempt is told it"
    if len(reason) > REASON_MAX:
        return f"the reason has {len(reason)} characters; {REASON_MAX} are allowed"
    bad = next((char for char in reason if unicodedata.category(char) in _FORBIDDEN), "")
    if bad:
        name = "a line break" if bad in "\r\n\x0b\x0c\x85\u2028\u2029" else f"U+{ord(bad):04X}"
        return f"the reason has {name} in it; write it in one line of plain text"
    return ""
