"""A file in the versions that a merge knows; what is read of each is read once, when asked."""

from __future__ import annotations

from enum import Enum
from functools import cached_property

from msgspec import Struct

from ..syntax.languages import Language, language_of
from ..syntax.words import Outline
from .hunks import Hunk, Region, changes, is_binary, lines_of, regions


class Side(Enum):
    """Who changed something."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The one that meets it."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Version:
    """One text of a file, at the path that it has there."""

    def __init__(self, path: str, text: bytes) -> None:
        self.path = path
        self.text = text

    @cached_property
    def lines(self) -> list[bytes]:
        """As git has them."""
        return lines_of(self.text)

    @cached_property
    def language(self) -> Language | None:
        """None: it is only lines."""
        return None if is_binary(self.text) else language_of(self.path, self.text[:200])

    @cached_property
    def outline(self) -> Outline | None:
        """None where there is nothing to read, or it cannot be read."""
        if self.language is None:
            return None
        from ..syntax.outline import outline  # noqa: PLC0415  who merges no code loads no grammar

        return outline(self.language, self.text)


class File(Struct, frozen=True, kw_only=True, dict=True):
    """One file; a version in which it does not exist is None. Versions may be equal."""

    path: str
    base: Version | None = None
    left: Version | None = None
    right: Version | None = None
    merged: Version | None = None

    def of(self, side: Side) -> Version | None:
        """What a side has."""
        return self.left if side is Side.LEFT else self.right

    def is_changed_by(self, side: Side) -> bool:
        """A rename alone is none."""
        return _text(self.of(side)) != _text(self.base)

    @cached_property
    def is_split(self) -> bool:
        """One side renamed it, and the other one removed it, or renamed it otherwise."""
        paths = [None if side is None else side.path for side in (self.left, self.right)]
        before = self.base.path if self.base is not None else None
        return before is not None and before not in paths and paths[0] != paths[1]

    @cached_property
    def is_shared(self) -> bool:
        """Both sides changed it, and not to the same."""
        if _text(self.left) == _text(self.right):
            return False
        return self.is_changed_by(Side.LEFT) and self.is_changed_by(Side.RIGHT)

    @cached_property
    def is_text(self) -> bool:
        """Git would merge it line by line."""
        return not any(
            version is not None and is_binary(version.text)
            for version in (self.base, self.left, self.right)
        )

    def hunks(self, side: Side) -> tuple[Hunk, ...]:
        """What a side changed."""
        return self._left_hunks if side is Side.LEFT else self._right_hunks

    def added(self, side: Side) -> frozenset[int]:
        """The lines, from 1, that a side wrote."""
        return frozenset(
            line + 1 for hunk in self.hunks(side) for line in range(hunk.side[0], hunk.side[1])
        )

    @cached_property
    def _left_hunks(self) -> tuple[Hunk, ...]:
        return changes(_lines(self.base), _lines(self.left))

    @cached_property
    def _right_hunks(self) -> tuple[Hunk, ...]:
        return changes(_lines(self.base), _lines(self.right))

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """Where the sides touch each other."""
        return regions(
            _lines(self.left), _lines(self.right), hunks=(self._left_hunks, self._right_hunks)
        )


def _text(version: Version | None) -> bytes | None:
    return version.text if version is not None else None


def _lines(version: Version | None) -> list[bytes]:
    return version.lines if version is not None else []
