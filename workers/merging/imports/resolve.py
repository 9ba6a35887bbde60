"""All regions of a text that are about imports, and names that are needed all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...syntax.languages import Language
from ..linting import undefined_names
from ..regions import Piece, Region, text_of
from .block import Scoped, block_of, elsewhere
from .merge import Merge, Use, merge_imports
from .read import read_imports
from .widen import SIDES, View, is_about_imports, views_of, widened
from .words import Imports
from .write import blanks_doubled

_CAPITALS = 3  # longer names of capitals are constants, shorter ones may be anything


def resolve_imports(
    language: Language, pieces: tuple[Piece, ...], *, left: bytes, right: bytes
) -> tuple[Piece, ...]:
    """The same pieces without the regions of imports that could be resolved."""
    if not any(isinstance(piece, Region) for piece in pieces):
        return pieces
    wide = widened(language, pieces)
    views = views_of(language, wide)
    merges = _merged(wide, views, Use())
    if not merges:
        return pieces
    done = _with(wide, merges)
    found, *sides = (read_imports(language, text) for text in (text_of(done, "left"), left, right))
    used, used_left, used_right = (each.names for each in (found, *sides))
    given_up = frozenset[bytes]().union(*(each.given_up for each in merges.values()))
    # What cannot be read may use anything.
    ended_left, ended_right = (
        frozenset() if found.has_error else _ended((names | given_up) - used, language, sides)
        for names in (used_left, used_right)
    )
    # A name that a function binds itself is used as well, and needs no import.
    missing = undefined_names(text_of(done, "left")) if language is Language.PYTHON else None
    wanted = used if missing is None else used & missing
    use = Use(
        needed=_needed(merges, wanted - used_left, wanted - used_right),
        ended_left=ended_left,
        ended_right=ended_right,
    )
    return _with(wide, _merged(wide, views, use))


def _ended(
    idle: frozenset[bytes], language: Language, sides: Sequence[Imports]
) -> frozenset[bytes]:
    is_rust = language is Language.RUST
    return frozenset(name for name in idle if not is_rust or _is_no_trait(name, sides))


def _is_no_trait(name: bytes, sides: Sequence[Imports]) -> bool:
    """Say whether a name of Rust is needed only where it stands: a trait is used without it."""
    # A module or function is written small, a constant in capitals.
    is_plain = name[:1].islower() or (name.isupper() and len(name) > _CAPITALS)
    return is_plain or any(name in side.values for side in sides)


def _merged(pieces: Sequence[Piece], views: Mapping[str, View], use: Use) -> dict[int, Merge]:
    found: dict[int, Merge] = {}
    regions = {at for at, piece in enumerate(pieces) if isinstance(piece, Region)}
    known = elsewhere(views["left"], regions)
    for at, piece in enumerate(pieces):
        if not isinstance(piece, Region):
            continue
        if not all(is_about_imports(views[side], at) for side in SIDES):
            continue
        base, left, right = (block_of(views[side], at, getattr(piece, side)) for side in SIDES)
        if not (left.statements or right.statements):
            continue
        merge = merge_imports(base, left, right, use=use, known=known)
        if merge is not None:
            found[at] = merge
            known |= merge.names
    return found


def _needed(
    merges: Mapping[int, Merge], new_left: frozenset[bytes], new_right: frozenset[bytes]
) -> frozenset[Scoped]:
    """What one side gave up though it is used, by something that is new to that side."""
    found: set[Scoped] = set()
    for merge in merges.values():
        for dropped, new in ((merge.dropped_left, new_left), (merge.dropped_right, new_right)):
            found.update(name for name, atom in dropped.items() if atom.bound in new)
    return frozenset(found)


def _with(pieces: Sequence[Piece], merges: Mapping[int, Merge]) -> tuple[Piece, ...]:
    done: list[Piece] = []
    is_shorter = False
    for at, piece in enumerate(pieces):
        lines = merges[at].lines if at in merges else piece
        last = done[-1] if done else ()
        if not isinstance(lines, Region) and not isinstance(last, Region):
            begins_new = isinstance(piece, Region) and piece.left[:1] != lines[:1]
            if begins_new or is_shorter:
                lines = lines[blanks_doubled(last, lines) :]
        is_shorter = isinstance(piece, Region) and not lines
        if lines:
            done.append(lines)
    return tuple(done)


def has_new_error(language: Language, text: bytes, sides: Sequence[bytes]) -> bool:
    """Say whether a text cannot be parsed, though each of these could."""
    if not read_imports(language, text).has_error:
        return False
    return not any(read_imports(language, side).has_error for side in sides)
