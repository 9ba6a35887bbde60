"""Names that are written nearly as another one: what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

COMPARED_MAX = 5_000  # names; of more only the first ones are compared
CHARS_MAX = 200  # of a name
CUTOFF = 0.6  # from 0 to 1: how alike two names have to be


def nearest(name: str, among: Iterable[str]) -> str:
    """The one of these names that was probably meant; empty if none is near."""
    return next(iter(nearest_names(name, among, count=1)), "")


def nearest_names(
    name: str, among: Iterable[str], *, count: int = 3, cutoff: float = CUTOFF
) -> list[str]:
    """At most so many of these names, the nearest first; the case does not count."""
    folded: dict[str, str] = {}
    for each in islice(among, COMPARED_MAX):
        folded.setdefault(each.casefold(), each)
    wanted = name.casefold()[:CHARS_MAX]
    return [folded[each] for each in get_close_matches(wanted, folded, count, cutoff)]
