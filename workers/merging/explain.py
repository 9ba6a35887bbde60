"""Where in a file two sides conflict, in words for people and for the next attempt."""

from __future__ import annotations

from ..messages.merging import Conflict
from .hunks import is_binary, lines_of, regions


def explain(
    path: str, kind: str, base: bytes | None, left: bytes | None, right: bytes | None
) -> tuple[Conflict, ...]:
    """Name what conflicts, with its lines on either side; `kind` is git's word for it.

    A version that does not exist is None. There is always an answer: what cannot be read has no
    entity, and what is not text has no lines.
    """
    if left is None or right is None or any(is_binary(text) for text in (left, right, base or b"")):
        return (Conflict(path=path, kind=kind),)
    texts = lines_of(base or b""), lines_of(left), lines_of(right)
    found = tuple(
        Conflict(path=path, kind=kind, left=_shown(region.left), right=_shown(region.right))
        for region in regions(*texts)
    )
    return found or (Conflict(path=path, kind=kind),)


def _shown(lines: tuple[int, int]) -> tuple[int, int]:
    """As people count: from 1, the last line included; what is gone is where it stood."""
    first, end = lines
    return (first + 1, max(first + 1, end))
