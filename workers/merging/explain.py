"""Where in a file two sides conflict, in words for people and for the next attempt."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..messages.merging import CONFLICTS_MAX, Conflict
from .overlap import Overlap, near, touching
from .versions import File, Version


def explain(
    path: str, kind: str, base: bytes | None, left: bytes | None, right: bytes | None
) -> tuple[Conflict, ...]:
    """Name what conflicts, with its lines on either side; `kind` is git's word for it.

    A version that does not exist is None. There is always an answer: what cannot be read has no
    entity, and what is not text has no lines. Git calls `contents` what is more than that, too.
    """
    versions = (None if text is None else Version(path, text) for text in (base, left, right))
    before, ours, theirs = versions
    file = File(path=path, base=before, left=ours, right=theirs)
    if kind == "contents" and not file.is_text:
        kind = "binary"
    elif kind == "contents" and before is None and ours is not None and theirs is not None:
        kind = "add/add"
    if ours is None or theirs is None or not file.is_text:
        return (Conflict(path=path, kind=kind),)
    found = tuple(
        Conflict(path=path, kind=kind, entity=one.entity, left=one.left, right=one.right)
        for one in _first(touching(file)) or _first(near(file))
    )
    return found or (Conflict(path=path, kind=kind),)


def _first(overlaps: Iterator[Overlap]) -> list[Overlap]:
    """As many as are told: a file may have thousands."""
    return list(islice(overlaps, CONFLICTS_MAX))
