"""What two sides changed of one text, line by line, and where they changed the same.

Anchors are lines that both texts have equally often, in the longest order that both have; what is
left between two anchors is compared by difflib if it is small, else it counts as rewritten. So the
time is bounded: difflib alone takes hours for two texts of many equal lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

_SMALL = 40_000  # pairs of lines that difflib may compare at once
_DEPTH_MAX = 8  # how often anchors are looked for between anchors

_SNIFFED = 8000  # git looks as far for a NUL

Lines = Sequence[bytes]


class Hunk(Struct, frozen=True, kw_only=True):
    """Lines of the base that stand otherwise on a side; from 0, the ends are not in them."""

    base: tuple[int, int]
    side: tuple[int, int]


class Region(Struct, frozen=True, kw_only=True):
    """Lines that both sides changed, or changed without an unchanged line between them."""

    base: tuple[int, int]
    left: tuple[int, int]
    right: tuple[int, int]


def lines_of(text: bytes) -> list[bytes]:
    """The lines, as git has them, each with its end."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def is_binary(text: bytes) -> bool:
    """Whether git would refuse to join it line by line."""
    return b"\0" in text[:_SNIFFED]


def changes(base: Lines, side: Lines) -> tuple[Hunk, ...]:
    """What a side changed, from the top to the bottom."""
    hunks: list[Hunk] = []
    at_base = at_side = 0
    for start, other, length in (*_matches(base, side), (len(base), len(side), 0)):
        if at_base < start or at_side < other:
            hunks.append(Hunk(base=(at_base, start), side=(at_side, other)))
        at_base, at_side = start + length, other + length
    return tuple(_sunk(hunks, base, side))


def _sunk(hunks: list[Hunk], base: Lines, side: Lines) -> Iterator[Hunk]:
    """Let what was only added or only removed sink, as git does, so that two sides do it alike.

    A blank line and a function can be added before a function, or a function and a blank line
    after it: the texts are the same, and the places are not.
    """
    ends = [(after.base[0], after.side[0]) for after in hunks[1:]] + [(len(base), len(side))]
    for hunk, (end, other_end) in zip(hunks, ends[: len(hunks)], strict=True):
        (low, high), (other, top) = hunk.base, hunk.side
        text, first, last = (side, other, top) if low == high else (base, low, high)
        if low == high or other == top:
            steps = 0
            room = min(end - high, other_end - top)
            while steps < room and text[first + steps] == text[last + steps]:
                steps += 1
            low, high, other, top = low + steps, high + steps, other + steps, top + steps
        yield Hunk(base=(low, high), side=(other, top))


def regions(
    left: Lines, right: Lines, *, hunks: tuple[Sequence[Hunk], Sequence[Hunk]]
) -> tuple[Region, ...]:
    """Where the changes of the two sides touch each other, and do not say the same.

    It is git's own rule: two changes between which no line of the base stands are one conflict.
    """
    found = []
    for ours, theirs in _groups(*hunks):
        start = min(ours[0].base[0], theirs[0].base[0])
        end = max(ours[-1].base[1], theirs[-1].base[1])
        region = Region(
            base=(start, end), left=_on(ours, start, end), right=_on(theirs, start, end)
        )
        if left[slice(*region.left)] != right[slice(*region.right)]:
            found.append(region)
    return tuple(found)


def _on(hunks: Sequence[Hunk], start: int, end: int) -> tuple[int, int]:
    """The lines of a side that stand for these lines of the base."""
    first, last = hunks[0], hunks[-1]
    return first.side[0] - (first.base[0] - start), last.side[1] + (end - last.base[1])


def _groups(left: Sequence[Hunk], right: Sequence[Hunk]) -> Iterator[tuple[list[Hunk], list[Hunk]]]:
    """Hunks of both sides that hang together."""
    marked = sorted(
        ((hunk, side) for side, hunks in enumerate((left, right)) for hunk in hunks),
        key=lambda pair: pair[0].base,
    )
    group: tuple[list[Hunk], list[Hunk]] = ([], [])
    end = -1
    for hunk, side in marked:
        if hunk.base[0] > end:
            if all(group):
                yield group
            group = ([], [])
        group[side].append(hunk)
        end = max(end, hunk.base[1])
    if all(group):
        yield group


def _matches(base: Lines, side: Lines) -> list[tuple[int, int, int]]:
    """Blocks of equal lines, in order: where on the base, where on the side, how many."""
    found: list[tuple[int, int, int]] = []
    waiting = [(0, len(base), 0, len(side), 0)]
    while waiting:
        low, high, other, top, depth = waiting.pop()
        first = low
        while low < high and other < top and base[low] == side[other]:
            low, other = low + 1, other + 1
        if low > first:
            found.append((first, other - (low - first), low - first))
        last = high
        while low < high and other < top and base[high - 1] == side[top - 1]:
            high, top = high - 1, top - 1
        if last > high:
            found.append((high, top, last - high))
        if low == high or other == top:
            continue
        anchors = _anchors(base[low:high], side[other:top]) if depth < _DEPTH_MAX else []
        if anchors:
            edges = [(low + i, other + j) for i, j in anchors]
            corners = zip([(low, other), *edges], [*edges, (high, top)], strict=True)
            # What begins with an anchor takes it, and the equal lines after it, as its beginning.
            waiting += [(i, k, j, m, depth + 1) for (i, j), (k, m) in corners]
        elif (high - low) * (top - other) <= _SMALL:
            matcher = SequenceMatcher(None, base[low:high], side[other:top], autojunk=False)
            found += [(low + i, other + j, n) for i, j, n in matcher.get_matching_blocks() if n]
    return _joined(sorted(found))


def _joined(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Blocks that follow each other on both sides are one."""
    joined: list[tuple[int, int, int]] = []
    for start, other, length in blocks:
        if joined:
            before, beside, count = joined[-1]
            if before + count == start and beside + count == other:
                joined[-1] = (before, beside, count + length)
                continue
        joined.append((start, other, length))
    return joined


def _anchors(base: Lines, side: Lines) -> list[tuple[int, int]]:
    """Lines that both have equally often, first with first; the longest row that rises on both."""
    counts = Counter(base)
    beside = Counter(side)
    equal = {line for line, count in counts.items() if beside[line] == count}
    seen: Counter[bytes] = Counter()
    places: dict[tuple[bytes, int], int] = {}
    for number, line in enumerate(side):
        if line in equal:
            seen[line] += 1
            places[line, seen[line]] = number
    seen.clear()
    pairs = []
    for number, line in enumerate(base):
        if line in equal:
            seen[line] += 1
            pairs.append((number, places[line, seen[line]]))
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row in which the second numbers rise too (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []  # the index of the pair on top of each pile
    before: list[int] = []
    for index, (_, number) in enumerate(pairs):
        pile = bisect_left(tops, number)
        before.append(piles[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(number)
            piles.append(index)
        else:
            tops[pile] = number
            piles[pile] = index
    row = []
    index = piles[-1] if piles else -1
    while index >= 0:
        row.append(pairs[index])
        index = before[index]
    return row[::-1]
