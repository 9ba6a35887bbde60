"""What git could not join though nothing contradicts: resolved, or left alone as a whole."""

from __future__ import annotations

from pathlib import PurePosixPath

from msgspec import Struct

from ..syntax.bounded import TooSlowError
from ..syntax.languages import language_of
from .changelog import is_changelog, resolve_changelog
from .imports.once import without_doubles
from .imports.resolve import has_new_error, resolve_imports
from .insertions import resolve_insertions
from .regions import NoMergeError, Piece, Region, read_marked, text_of
from .space import resolve_space

BYTES_MAX = 1_000_000
REGIONS_MAX = 100


class Reconciled(Struct, frozen=True, kw_only=True):
    """A text in which everything is resolved; `how` says by what: imports, changelog, space."""

    text: bytes
    how: str


def reconcile(
    path: str, marked: bytes, *, left: bytes, right: bytes, is_verified: bool = True
) -> Reconciled | None:
    """Resolve every region of a merged text, or none; what takes a parser too long is none.

    `marked` is what `git merge-file -p --diff3 --marker-size=37` makes of the three versions.
    Without `is_verified` nobody will see whether it works: then nothing is put in an order.
    """
    if len(marked) > BYTES_MAX or b"\0" in marked:
        return None
    try:
        pieces = read_marked(marked)
    except NoMergeError:
        return None
    if not 0 < _count(pieces) <= REGIONS_MAX:
        return None
    try:
        return _reconciled(path, pieces, left, right, is_verified=is_verified)
    except TooSlowError:
        return None


def _reconciled(
    path: str, pieces: tuple[Piece, ...], left: bytes, right: bytes, *, is_verified: bool
) -> Reconciled | None:
    language = language_of(path)
    ways: set[str] = set()
    done = tuple(_resolved(path, piece, ways) for piece in pieces)
    if language is not None:
        # Imports come last: which of them are needed, all the rest says.
        if is_verified:
            done = _noted("insertions", ways, done, resolve_insertions(language, done))
        found = resolve_imports(language, done, left=left, right=right)
        done = _noted("imports", ways, done, found)
    if _count(done):
        return None
    text = text_of(done, "left")
    if language is not None:
        text = without_doubles(language, text, left, right)
        if has_new_error(language, text, (left, right)):
            return None
    if not left.endswith(b"\n") and not right.endswith(b"\n"):  # markers hide how a file ended
        text = text.removesuffix(b"\n").removesuffix(b"\r")
    return Reconciled(text=text, how=", ".join(sorted(ways)))


def _count(pieces: tuple[Piece, ...]) -> int:
    return sum(isinstance(piece, Region) for piece in pieces)


def _noted(
    way: str, ways: set[str], before: tuple[Piece, ...], after: tuple[Piece, ...]
) -> tuple[Piece, ...]:
    if _count(after) < _count(before):
        ways.add(way)
    return after


def _resolved(path: str, piece: Piece, ways: set[str]) -> Piece:
    if not isinstance(piece, Region):
        return piece
    lines = resolve_space(PurePosixPath(path).suffix, piece)
    way = "space"
    if lines is None and is_changelog(path):
        lines, way = resolve_changelog(piece), "changelog"
    if lines is None:
        return piece
    ways.add(way)
    return lines
