"""Regions of conflicts that are about imports alone, grown to whole statements."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ...syntax.languages import Language
from ..regions import Lines, Piece, Region, lines_of, text_of, together
from .read import read_imports
from .words import Imports, Statement

SIDES = ("base", "left", "right")


class View(Struct, frozen=True):
    """One version of the whole text, and where its pieces begin."""

    imports: Imports
    starts: tuple[int, ...]  # one more than there are pieces

    def within(self, first: int, end: int) -> tuple[Statement, ...]:
        """The statements that stand on these lines."""
        found = self.imports.statements
        return tuple(each for each in found if first <= each.first and each.last < end)

    def place(self, line: int) -> tuple[int, int]:
        """Where a line stands, in the same words for all versions: its piece, and how far down."""
        piece = bisect(self.starts, line) - 1
        return piece, line - self.starts[piece]


def views_of(language: Language, pieces: Sequence[Piece]) -> Mapping[str, View]:
    """The three versions."""
    views = {}
    for side in SIDES:
        imports = read_imports(language, text_of(pieces, side))
        starts = [0]
        for piece in pieces:
            lines = getattr(piece, side) if isinstance(piece, Region) else piece
            starts.append(starts[-1] + len(lines))
        views[side] = View(imports=imports, starts=tuple(starts))
    return views


def widened(language: Language, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same text, in which no region of imports ends inside of a block of them."""
    pieces = together(pieces)
    for _ in range(len(pieces)):
        wide, is_done = _pass(pieces, views_of(language, pieces))
        if is_done:
            return wide
        pieces = wide
    return pieces


def _pass(pieces: tuple[Piece, ...], views: Mapping[str, View]) -> tuple[tuple[Piece, ...], bool]:
    """All regions widened; or two of them as one, and then the rest is to be looked at again."""
    wide: list[Piece] = []
    taken = 0  # lines of this piece that the region before it took
    for at, piece in enumerate(pieces):
        if not isinstance(piece, Region):
            wide.append(piece[taken:])
            taken = 0
            continue
        above, below = _common(wide, len(wide) - 1), _common(pieces, at + 1)
        before, taken = _growth(views, at)
        if before > len(above) or taken > len(below):
            joined = _joined(pieces, at, is_above=before > len(above))
            if joined:
                return joined, False
            before, taken = 0, 0
        else:
            before, taken = _neighbours(views["left"], at, before, taken, len(above), len(below))
        head, tail = above[len(above) - before :], below[:taken]
        if wide and above:
            wide[-1] = above[: len(above) - before]
        sides = {side: (*head, *getattr(piece, side), *tail) for side in SIDES}
        wide.append(Region(**sides))
    return tuple(piece for piece in wide if piece), True


def _common(pieces: Sequence[Piece], at: int) -> Lines:
    piece = pieces[at] if 0 <= at < len(pieces) else ()
    return () if isinstance(piece, Region) else piece


def _neighbours(
    view: View, at: int, before: int, after: int, above: int, below: int
) -> tuple[int, int]:
    """The same growth with the statements that stand directly above and below."""
    start, end = view.starts[at], view.starts[at + 1]
    for each in reversed(view.imports.statements):
        if each.last == start - before - 1 and start - each.first <= above:
            before = start - each.first
    for each in view.imports.statements:
        if each.first == end + after and each.last + 1 - end <= below:
            after = each.last + 1 - end
    return before, after


def is_about_imports(view: View, at: int) -> bool:
    """Say whether nothing but imports stands in a region of this version."""
    first, end = view.starts[at], view.starts[at + 1]
    imports = view.imports
    covered = imports.frames | imports.comments
    for statement in view.within(first, end):
        covered |= set(range(statement.first, statement.last + 1))
    return all(line in covered or line in imports.blanks for line in range(first, end))


def _growth(views: Mapping[str, View], at: int) -> tuple[int, int]:
    """How many lines before and behind a region belong to statements that begin or end in it."""
    before = after = 0
    while True:
        was = before, after
        for view in views.values():
            first, end = view.starts[at] - before, view.starts[at + 1] + after
            for each in view.imports.statements:
                # What is empty in this version may still stand inside of a statement.
                if (each.first < end and first <= each.last) or each.first < first <= each.last:
                    before = max(before, view.starts[at] - each.first)
                    after = max(after, each.last + 1 - view.starts[at + 1])
        if was == (before, after):
            return was


def _joined(pieces: Sequence[Piece], at: int, *, is_above: bool) -> tuple[Piece, ...] | None:
    """The pieces with this region and its neighbour as one, if it has one there."""
    first = at - 2 if is_above else at
    if first < 0 or first + 2 >= len(pieces):
        return None
    three = pieces[first : first + 3]
    if not (isinstance(three[0], Region) and isinstance(three[2], Region)):
        return None
    joined = Region(
        **{side: lines_of(text_of(three, side)) for side in SIDES}  # the lines between included
    )
    return (*pieces[:first], joined, *pieces[first + 3 :])
