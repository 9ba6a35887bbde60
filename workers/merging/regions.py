"""A text that git merged with markers: what it could join, and the regions where it could not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

# Longer than any line of these characters that people write below a heading.
MARKER_SIZE = 37
_LEFT, _BASE, _MIDDLE, _RIGHT = (char * MARKER_SIZE for char in (b"<", b"|", b"=", b">"))

Lines = tuple[bytes, ...]


class Region(Struct, frozen=True):
    """Lines that both sides changed, in the three versions; each with its line's end."""

    base: Lines
    left: Lines
    right: Lines


Piece = Lines | Region


class NoMergeError(ValueError):
    """The markers do not fit together: this is no text that git merged."""


def lines_of(text: bytes) -> Lines:
    """The lines with their ends; only a line feed ends one, as in git."""
    lines = text.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]]
    return (*whole, lines[-1]) if lines[-1] else tuple(whole)


def read_marked(text: bytes) -> tuple[Piece, ...]:
    """Read what `git merge-file -p --diff3 --marker-size=MARKER_SIZE` prints."""
    pieces: list[Piece] = []
    common: list[bytes] = []
    lines = iter(lines_of(text))
    for line in lines:
        if not line.startswith(_LEFT):
            common.append(line)
            continue
        left, base, right = (_until(lines, end) for end in (_BASE, _MIDDLE, _RIGHT))
        if common:
            pieces.append(tuple(common))
            common = []
        pieces.append(Region(base=base, left=left, right=right))
    if common:
        pieces.append(tuple(common))
    return tuple(pieces)


def _until(lines: Iterable[bytes], end: bytes) -> Lines:
    found: list[bytes] = []
    for line in lines:
        if line.startswith(end):
            return tuple(found)
        found.append(line)
    raise NoMergeError("a region of a conflict has no end")


def together(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same text, in which what is joined between two regions is one piece."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Region) or last is None or isinstance(last, Region):
            found.append(piece)
        else:
            found[-1] = (*last, *piece)
    return tuple(piece for piece in found if piece)


def text_of(pieces: Sequence[Piece], side: str) -> bytes:
    """One version of the whole: `base`, `left` or `right` where they differ."""
    return b"".join(
        line
        for piece in pieces
        for line in (getattr(piece, side) if isinstance(piece, Region) else piece)
    )
