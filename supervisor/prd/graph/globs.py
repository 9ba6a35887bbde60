"""Whether two globs can match one path, also that of a file which is still to be made.

Each glob is an automaton of names, and each name one of characters; two globs meet if the product
of their automata can come to an end. That is exact, and takes the product of their lengths. Case
does not count: on some file systems it makes no other file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from .char_sets import share
from .glob_parts import ANY_NAME, Glob, Segment, Way
from .glob_reading import read_glob

COST_MAX = 250_000  # of one comparison; a dearer one is taken for an overlap

_DEEP = (None,)
_Part = TypeVar("_Part")
glob_of: Callable[[str], Glob] = lru_cache(maxsize=20_000)(read_glob)


def overlaps(left: str, right: str) -> bool:
    """Say whether the two globs can match a common path."""
    return any(ways_meet(one, other) for one in glob_of(left) for other in glob_of(right))


def matches(glob: str, path: str) -> bool:
    """Say whether the glob matches the path of a file."""
    names = tuple(path.casefold().split("/"))
    parts = tuple(Segment(literal=name) for name in names)
    return any(
        _is_a_folder_above(way, names) or _meet(way.parts, parts, _segments_meet)
        for way in glob_of(glob)
    )


def ways_meet(one: Way, other: Way) -> bool:
    """Say whether two readings can match a common path."""
    if _is_a_folder_above(one, other.prefix) or _is_a_folder_above(other, one.prefix):
        return True
    if one.cost * other.cost > COST_MAX:
        return True
    count = min(len(one.prefix), len(other.prefix))
    if one.prefix[:count] != other.prefix[:count]:
        return False
    mine, its = one.parts[count:], other.parts[count:]
    if mine and its and mine[-1] is not None and its[-1] is not None:  # the quickest no
        if not _segments_meet(mine[-1], its[-1]):
            return False
        mine, its = mine[:-1], its[:-1]
    return _DEEP in {mine, its} or _meet(mine, its, _segments_meet)


def _is_a_folder_above(way: Way, names: tuple[str, ...]) -> bool:
    """Say whether what looks like a file, as `v1.0` does, is a folder above these names."""
    count = len(way.prefix)
    return count == len(way.parts) < len(names) and names[:count] == way.prefix


def _meet(
    left: Sequence[_Part | None],
    right: Sequence[_Part | None],
    can_be_one: Callable[[_Part, _Part], bool],
) -> bool:
    """Walk the product of two sequences, in which None stands for any number of anything."""
    row = [True]
    for part in right:
        row.append(row[-1] and part is None)
    for mine in left:
        # line[j]: all up to `mine` can be the same as the first j parts of the right one.
        line = [mine is None and row[0]]
        for at, its in enumerate(right):
            if mine is None or its is None:
                line.append(row[at + 1] or line[at])
            else:
                line.append(row[at] and can_be_one(mine, its))
        row = line
        if True not in row:
            return False
    return row[-1]


def _segments_meet(one: Segment, other: Segment) -> bool:
    if one.literal and other.literal:
        return one.literal == other.literal
    if one is ANY_NAME or other is ANY_NAME:
        return True
    return any(_meet(mine, its, share) for mine in one.variants for its in other.variants)
