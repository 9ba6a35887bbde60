"""Conflicts of imports alone, and whether they are resolved as the developers resolved them.

The product's own code resolves them. Other regions of the file are filled with what the developers
made of them, so that its imports can be resolved. Compared is, region by region, which of the names
that one of its three versions imports are imported in the end, order and lay-out aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.developers import made_by_developers
from bench.merge_history import History, Merge
from prd_supervise.policies.values import replace
from prd_supervise.workers.git.blobs import read_blobs
from prd_supervise.workers.git.merging.joining import Joined
from prd_supervise.workers.merging.imports.read import read_imports
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
    """What was counted, in regions.

    `alone` are those of files that conflict nowhere else; `amended` those of files in which the
    developers changed other code as well, or imported what neither side does; `files` are those
    that conflict in nothing but imports and were not amended, `same_files` came out byte for byte.
    `left_over` differ from theirs by imports alone that their own file does not use.
    """

    regions: int = 0
    comparable: int = 0
    equal: int = 0
    unresolved: int = 0
    alone: int = 0
    alone_equal: int = 0
    amended: int = 0
    amended_equal: int = 0
    files: int = 0
    same_files: int = 0
    left_over: int = 0

    def add(self, other: Imports) -> None:
        """Count those too."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def plain(self) -> int:
        """Regions of files that the developers only merged."""
        return self.comparable - self.amended

    @property
    def plain_equal(self) -> int:
        """Those of them that came out as theirs."""
        return self.equal - self.amended_equal


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
    if not ours or wanted is None or committed is None:
        return counts
    known = _import_lines(language, (*texts, committed))
    made = made_by_developers(pieces, ours, committed=committed, known=known)
    # What a side used is what it used before anybody resolved anything.
    done = reconcile(path, _remarked(made.pieces), left=left, right=right)
    got = _atoms(language, done.text) if done is not None else None
    of_versions = [_atoms(language, text) or frozenset() for text in texts]
    is_amended = made.amended or not wanted <= (got or frozenset()).union(*of_versions)
    used = _used(language, committed)
    for disputed in _disputed(language, pieces, ours):
        is_equal = got is not None and got & disputed == wanted & disputed
        more = wanted & disputed - (got or frozenset())
        is_left_over = not is_equal and got is not None and not got & disputed - wanted
        is_left_over &= used is not None and all(atom.local not in used for atom in more)
        is_alone = len(ours) == len(regions)
        counts.add(
            Imports(
                comparable=1,
                equal=is_equal,
                unresolved=got is None,
                alone=is_alone,
                alone_equal=is_alone and is_equal,
                left_over=is_left_over and not is_amended,
                amended=is_amended,
                amended_equal=is_amended and is_equal,
            )
        )
    if len(ours) == len(regions) and not is_amended:
        counts.files = 1
        counts.same_files = done is not None and done.text == committed
    return counts


def _disputed(
    language: Language, pieces: Sequence[Piece], regions: Sequence[Region]
) -> Iterator[frozenset[Atom]]:
    """Of each region all names that one of its versions imports."""
    found: dict[int, set[Atom]] = {at: set() for at in range(len(regions))}
    for side in ("base", "left", "right"):
        made = outline(language, text_of(pieces, side))
        number = 1
        for piece in pieces:
            end = number + len(getattr(piece, side) if isinstance(piece, Region) else piece)
            for at, region in enumerate(regions):
                if region is piece and made is not None:
                    found[at].update(
                        atom
                        for each in made.imports
                        for atom in each.atoms
                        if each.first < end and number <= each.last
                    )
            number = end
    return (_bindings(atoms) for atoms in found.values())


def _used(language: Language, text: bytes) -> frozenset[str] | None:
    """The names that a file uses; None in Rust, where a trait is used without its name."""
    if language is Language.RUST:
        return None
    return frozenset(name.decode() for name in read_imports(language, text).names)


def _import_lines(language: Language, texts: Sequence[bytes]) -> frozenset[bytes]:
    """The lines of import statements, stripped."""
    found: set[bytes] = set()
    for text in texts:
        made = outline(language, text)
        lines = text.split(b"\n")
        for each in made.imports if made is not None else ():
            found.update(line.strip() for line in lines[each.first - 1 : each.last])
    return frozenset(found)


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
    return _bindings(made.atoms) if made is not None and made.is_whole else None


def _bindings(atoms: Iterable[Atom]) -> frozenset[Atom]:
    """What is bound: TypeScript's `import type` binds the same name as `import`."""
    return frozenset(replace(atom, kind=atom.kind.removeprefix("type").strip()) for atom in atoms)


def _marked(history: History, base: bytes, left: bytes, right: bytes) -> bytes:
    with TemporaryDirectory(prefix="prd-supervise-bench-") as folder:
        paths = [Path(folder, name) for name in ("left", "base", "right")]
        for path, text in zip(paths, (left, base, right), strict=True):
            path.write_bytes(text)
        how = ("-p", "-q", "--diff3", f"--marker-size={MARKER_SIZE}")
        return history.git.ask("merge_file", *how, *map(str, paths)).out


def _remarked(pieces: Sequence[Piece]) -> bytes:
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
