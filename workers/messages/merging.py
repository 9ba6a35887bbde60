"""What is said of two pieces of work that come together."""

from __future__ import annotations

from msgspec import Struct

CONFLICTS_MAX = 50  # of one merge, and findings likewise: a message has its bound
NO_LINES = (0, 0)
NOT_JUDGED = "not judged"  # the rule of a finding that says what was left out


class Conflict(Struct, frozen=True, kw_only=True):
    """A place where git cannot join two sides; lines are the first and last one, from 1.

    `kind` is git's word (contents, modify/delete, add/add, rename/rename, binary ...). `entity` is
    `function parse`, `method Box.open`, `class Box`, `imports`, `module statement X` ... where the
    language is known, else empty.
    """

    path: str
    kind: str = "contents"
    entity: str = ""
    left: tuple[int, int] = NO_LINES
    right: tuple[int, int] = NO_LINES

    def __str__(self) -> str:
        """`src/box.py:12-18: method Box.open`, for people and for the next prompt."""
        where = f"{self.path}:{self.right[0]}-{self.right[1]}" if self.right[0] else self.path
        what = self.entity or ("" if self.kind == "contents" else self.kind)
        return f"{where}: {what}" if what else where


class Finding(Struct, frozen=True, kw_only=True):
    """What is probably wrong with a merge that git finds clean; `line` is one of the merged file.

    A blocking one has the merge verified by itself, or done again; others are only told.
    """

    rule: str
    path: str
    line: int
    text: str
    entity: str = ""
    is_blocking: bool = False

    def __str__(self) -> str:
        """`src/box.py:12: text (rule)`."""
        return f"{self.path}:{self.line}: {self.text} ({self.rule})"


class Resolution(Struct, frozen=True, kw_only=True):
    """A conflict that was resolved without a person: `how` is imports, changelog, space ..."""

    path: str
    how: str
