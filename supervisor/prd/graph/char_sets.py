"""Sets of characters, as `?` and the brackets of a glob mean them: ranges of code points.

Case does not count, so that no set has a capital letter of ASCII; nor has any the '/'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Chars = tuple[tuple[int, int], ...]

ANY_CHAR: Chars = ((0, ord("/") - 1), (ord("/") + 1, ord("A") - 1), (ord("Z") + 1, 0x10FFFF))
_CAPITALS = (ord("A"), ord("Z"))
_TO_SMALL = ord("a") - ord("A")


def one_char(char: str) -> Chars:
    """The set of this character alone."""
    return ((ord(char), ord(char)),)


def share(one: Chars, other: Chars) -> bool:
    """Say whether a character is in both sets."""
    for low, high in one:
        for start, end in other:
            if low <= end and start <= high:
                return True
    return False


def char_class(chars: str) -> Chars:
    """The set of what stands between brackets, such as `!a-z_`."""
    is_negated = chars[:1] in {"!", "^"}
    members = sorted(_without_capitals(_ranges(chars[1:] if is_negated else chars)))
    return tuple(_complement(members)) if is_negated else tuple(_allowed(members))


def _ranges(chars: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(chars):
        is_range = chars[at + 1 : at + 2] == "-" and at + 2 < len(chars)
        low, high = chars[at], chars[at + 2] if is_range else chars[at]
        if not is_range and len(low.casefold()) == 1:
            low = high = low.casefold()
        if low <= high:
            yield ord(low), ord(high)
        at += 3 if is_range else 1


def _without_capitals(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for low, high in ranges:
        first, last = max(low, _CAPITALS[0]), min(high, _CAPITALS[1])
        if first > last:
            yield low, high
            continue
        yield first + _TO_SMALL, last + _TO_SMALL
        if low < first:
            yield low, first - 1
        if last < high:
            yield last + 1, high


def _allowed(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for low, high in ranges:
        for start, end in ANY_CHAR:
            if max(low, start) <= min(high, end):
                yield max(low, start), min(high, end)


def _complement(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    free = 0
    gaps = []
    for low, high in ranges:
        if low > free:
            gaps.append((free, low - 1))
        free = max(free, high + 1)
    yield from _allowed([*gaps, (free, ANY_CHAR[-1][1])])
