"""Where two sides came too close to each other: what they touch both, and what they nearly did."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from .hunks import Hunk
from .versions import File, Side, Version

NEAR_LINES = 3
_PAIRS_MAX = 2000  # of hunks that are compared in one file


class Overlap(Struct, frozen=True, kw_only=True):
    """Lines of both sides, from 1, the last included; `entity` is what both changed, if known."""

    left: tuple[int, int]
    right: tuple[int, int]
    entity: str


def touching(file: File) -> Iterator[Overlap]:
    """Where no line of the base stands between the changes of the two sides."""
    for region in file.regions:
        left, right = shown(region.left), shown(region.right)
        yield Overlap(left=left, right=right, entity=_entity(file, left, right))


def near(file: File) -> Iterator[Overlap]:
    """Changes of one and the same entity with at most three lines between them.

    Where nothing is known of entities, being so close is enough.
    """
    for ours, theirs in _close(file.hunks(Side.LEFT), file.hunks(Side.RIGHT)):
        left, right = shown(ours.side), shown(theirs.side)
        entity = _shared_entity(file, left, right)
        if entity or not _is_read(file):
            yield Overlap(left=left, right=right, entity=entity)


def shown(lines: tuple[int, int]) -> tuple[int, int]:
    """As people count: from 1, the last line included; what is gone is where it stood."""
    first, end = lines
    return (first + 1, max(first + 1, end))


def _close(left: tuple[Hunk, ...], right: tuple[Hunk, ...]) -> Iterator[tuple[Hunk, Hunk]]:
    """Pairs with a line between them, and not more than NEAR_LINES."""
    start = 0
    for ours in left[:_PAIRS_MAX]:
        while start < len(right) and right[start].base[1] + NEAR_LINES < ours.base[0]:
            start += 1
        for theirs in right[start:]:
            if theirs.base[0] > ours.base[1] + NEAR_LINES:
                break
            gap = max(theirs.base[0] - ours.base[1], ours.base[0] - theirs.base[1])
            if 0 < gap <= NEAR_LINES:
                yield ours, theirs


def _is_read(file: File) -> bool:
    """Whether both sides have entities."""
    return all(side is not None and side.outline is not None for side in (file.left, file.right))


def _entity(file: File, left: tuple[int, int], right: tuple[int, int]) -> str:
    """What both sides changed, else what one of them did: a conflict has a name where it can."""
    both = _shared_entity(file, left, right)
    if both:
        return both
    return next((one for one in (*_about(file.right, right), *_about(file.left, left)) if one), "")


def _shared_entity(file: File, left: tuple[int, int], right: tuple[int, int]) -> str:
    ours = _about(file.left, left)
    return next((one for one in _about(file.right, right) if one and one in ours), "")


def _about(version: Version | None, lines: tuple[int, int]) -> list[str]:
    """What the lines of a version belong to, in their order."""
    outline = version.outline if version is not None else None
    if outline is None:
        return []
    found = dict.fromkeys(outline.about(line) for line in range(lines[0], lines[1] + 1)[:200])
    return list(found)
