"""What git could not join though nothing contradicts: resolved, or left alone as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from .changelog import is_changelog, resolve_changelog
from .regions import Lines, NoMergeError, Piece, Region, read_marked, text_of
from .space import resolve_space

BYTES_MAX = 1_000_000
REGIONS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A text in which everything is resolved; `how` says by what: imports, changelog, space."""

    text: bytes
    how: str


def reconcile(path: str, marked: bytes, *, is_ended: bool = True) -> Reconciled | None:
    """Resolve every region of a merged text, or none.

    `marked` is what `git merge-file -p --diff3 --marker-size=37` makes of the three versions. That
    does not show whether the last line has an end: `is_ended` does.
    """
    if len(marked) > BYTES_MAX or b"\0" in marked:
        return None
    try:
        pieces = read_marked(marked)
    except NoMergeError:
        return None
    if sum(isinstance(piece, Region) for piece in pieces) > REGIONS_MAX:
        return None
    ways: list[str] = []
    done = [_resolved(path, piece, ways) for piece in pieces]
    lines = [piece for piece in done if piece is not None]
    if len(lines) < len(done):
        return None
    text = text_of(lines, "left")
    if isinstance(pieces[-1], Region) and not is_ended:
        text = text.removesuffix(b"\n").removesuffix(b"\r")
    return Reconciled(text=text, how=", ".join(sorted(set(ways))))


def _resolved(path: str, piece: Piece, ways: list[str]) -> Lines | None:
    if not isinstance(piece, Region):
        return piece
    suffix = PurePosixPath(path).suffix
    lines = resolve_space(suffix, piece)
    way = "space"
    if lines is None and is_changelog(path):
        lines, way = resolve_changelog(piece), "changelog"
    ways.append(way)
    return lines
