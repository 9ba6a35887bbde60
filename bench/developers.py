"""What the developers made of a file in a merge, beside what git could join by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prd_supervise.workers.merging.hunks import changes
from prd_supervise.workers.merging.regions import Lines, Piece, Region, lines_of

_COMMENTS = (b"#", b"//", b"/*", b"*")
_PLACE = b"\0"  # stands for a region, and in no text


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Their file: its pieces without the regions of other code, and whether they did more.

    `amended`: they changed code of the file that was not in conflict. Whether a name is needed then
    depends on what nobody but them could know.
    """

    pieces: tuple[Piece, ...]
    amended: bool


def made_by_developers(
    pieces: Sequence[Piece], imports: Sequence[Region], *, committed: bytes, known: frozenset[bytes]
) -> Made:
    """Put their code into the regions that are not about imports.

    `known` are the lines, stripped, of import statements in any version.
    """
    joined: list[bytes] = []
    places: dict[int, int] = {}
    for at, piece in enumerate(pieces):
        if isinstance(piece, Region):
            places[len(joined)] = at
            joined.append(_PLACE)
        else:
            joined.extend(piece)
    theirs = lines_of(committed)
    filled: list[Piece] = list(pieces)
    amended = False
    for hunk in changes(joined, theirs):
        inside = [places[line] for line in range(*hunk.base) if line in places]
        others = [at for at in inside if not any(pieces[at] is region for region in imports)]
        lost = joined[slice(*hunk.base)]
        added = theirs[slice(*hunk.side)]
        amended |= any(_is_code(line, known) for line in lost if line != _PLACE)
        if not others:
            amended |= any(_is_code(line, known) for line in added)
        for number, at in enumerate(others):
            is_mixed = len(others) < len(inside)
            kept = added if not is_mixed else tuple(_code(added, known))
            filled[at] = kept if number == 0 else ()
    return Made(pieces=tuple(filled), amended=amended)


def _code(lines: Lines, known: frozenset[bytes]) -> Iterator[bytes]:
    return (line for line in lines if _is_code(line, known))


def _is_code(line: bytes, known: frozenset[bytes]) -> bool:
    text = line.strip()
    return bool(text) and text not in known and not text.startswith(_COMMENTS)
