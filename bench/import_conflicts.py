"""Conflicts of imports alone, and whether they are resolved as the developers resolved them.

The product's own code resolves them. Of a file that conflicts elsewhere too, those places are taken
from the left side first, so that its imports can be resolved. What came out and what the developers
committed are compared as sets of what is imported, order aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.merge_history import History, Merge
from prd_supervise.workers.git.blobs import read_blobs
from prd_supervise.workers.git.merging.joining import Joined
from prd_supervise.workers.merging.reconcile import reconcile
from prd_supervise.workers.merging.regions import (
    MARKER_SIZE,
    Lines,
    NoMergeError,
    Piece,
    Region,
    read_marked,
    text_of,
)
from prd_supervise.workers.syntax.languages import Language, language_of
from prd_supervise.workers.syntax.outline import outline
from prd_supervise.workers.syntax.words import Atom

_BYTES_MAX = 1_000_000


@dataclass(slots=True)
class Imports:
    """What was counted, in regions; `alone` are those of files that conflict nowhere else."""

    regions: int = 0
    comparable: int = 0
    equal: int = 0
    unresolved: int = 0
    alone: int = 0
    alone_equal: int = 0

    def add(self, other: Imports) -> None:
        """Count those too."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def import_conflicts(history: History, merge: Merge, joined: Joined) -> Imports:
    """All of one merge."""
    counts = Imports()
    for path, sides in joined.sides.items():
        language = language_of(path)
        if language is None or len(sides) < 3:  # noqa: PLR2004  base, left and right
            continue
        blobs = read_blobs(
            history.git, [side.blob for side in sides.values()], bytes_max=_BYTES_MAX
        )
        texts = [blobs.get(sides[stage].blob) for stage in (1, 2, 3)]
        committed = history.git.ask("cat_file", "blob", f"{merge.commit}:{path}")
        made = committed.out if committed.status == 0 else None
        known = [text for text in texts if text is not None]
        if len(known) == len(texts):
            counts.add(_of_file(history, path, language, known, made))
    return counts


def _of_file(
    history: History, path: str, language: Language, texts: list[bytes], committed: bytes | None
) -> Imports:
    base, left, right = texts
    try:
        pieces = read_marked(_marked(history, base, left, right))
    except NoMergeError:
        return Imports()
    regions = [piece for piece in pieces if isinstance(piece, Region)]
    ours = _import_regions(language, pieces)
    counts = Imports(regions=len(ours))
    wanted = _atoms(language, committed) if committed is not None else None
    if not ours or wanted is None:
        return counts
    kept: list[Piece] = [
        piece.left
        if isinstance(piece, Region) and not any(piece is region for region in ours)
        else piece
        for piece in pieces
    ]
    sides = text_of(kept, "left"), text_of(kept, "right")
    done = reconcile(path, _remarked(kept), left=sides[0], right=sides[1])
    got = _atoms(language, done.text) if done is not None else None
    counts.comparable = len(ours)
    counts.unresolved = len(ours) if got is None else 0
    counts.equal = len(ours) if got == wanted else 0
    if len(ours) == len(regions):
        counts.alone, counts.alone_equal = len(ours), counts.equal
    return counts


def _import_regions(language: Language, pieces: Sequence[Piece]) -> list[Region]:
    """The regions that hold nothing but lines of import statements, in each version."""
    found = [piece for piece in pieces if isinstance(piece, Region)]
    for side in ("base", "left", "right"):
        made = outline(language, text_of(pieces, side))
        if made is None:
            return []
        lines = {
            line
            for statement in made.imports
            for line in range(statement.first, statement.last + 1)
        }
        number = 0
        for piece in pieces:
            texts: Lines = getattr(piece, side) if isinstance(piece, Region) else piece
            inside = range(number + 1, number + 1 + len(texts))
            number += len(texts)
            is_other = any(
                text.strip() and line not in lines for line, text in zip(inside, texts, strict=True)
            )
            if is_other and isinstance(piece, Region):
                found = [region for region in found if region is not piece]
    return found


def _atoms(language: Language, text: bytes) -> frozenset[Atom] | None:
    made = outline(language, text)
    return frozenset(made.atoms) if made is not None and made.is_whole else None


def _marked(history: History, base: bytes, left: bytes, right: bytes) -> bytes:
    with TemporaryDirectory(prefix="prd-supervise-bench-") as folder:
        paths = [Path(folder, name) for name in ("left", "base", "right")]
        for path, text in zip(paths, (left, base, right), strict=True):
            path.write_bytes(text)
        how = ("-p", "-q", "--diff3", f"--marker-size={MARKER_SIZE}")
        return history.git.ask("merge_file", *how, *map(str, paths)).out


def _remarked(pieces: list[Piece]) -> bytes:
    """The text again, with the markers of the regions that are left."""
    return b"".join(_written(piece) for piece in pieces)


def _written(piece: Piece) -> bytes:
    if not isinstance(piece, Region):
        return b"".join(piece)
    parts: tuple[tuple[bytes, Lines], ...] = (
        (b"<", piece.left),
        (b"|", piece.base),
        (b"=", piece.right),
    )
    text = b"".join(mark * MARKER_SIZE + b"\n" + b"".join(lines) for mark, lines in parts)
    return text + b">" * MARKER_SIZE + b"\n"
