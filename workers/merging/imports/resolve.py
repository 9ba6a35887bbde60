"""All regions of a text that are about imports, and names that are needed all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...syntax.languages import Language
from ..regions import Piece, Region, text_of
from .block import Scoped, block_of, elsewhere
from .merge import Merge, Use, merge_imports
from .read import read_imports
from .widen import SIDES, View, is_about_imports, views_of, widened


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
    used, used_left, used_right = (
        read_imports(language, text).names for text in (text_of(done, "left"), left, right)
    )
    # Rust's traits and macros are used without being named: what seems unused may be needed.
    ended = frozenset() if language is Language.RUST else (used_left | used_right) - used
    use = Use(needed=_needed(merges, used - used_left, used - used_right), ended=ended)
    return _with(wide, _merged(wide, views, use))


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
    return tuple(merges[at].lines if at in merges else piece for at, piece in enumerate(pieces))


def has_new_error(language: Language, text: bytes, sides: Sequence[bytes]) -> bool:
    """Say whether a text cannot be parsed, though each of these could."""
    if not read_imports(language, text).has_error:
        return False
    return not any(read_imports(language, side).has_error for side in sides)
