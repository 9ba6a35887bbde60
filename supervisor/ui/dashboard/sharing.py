"""How the rows of a screen are shared between its regions."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Want(Struct, frozen=True):
    """A region is of no use with fewer rows than `least`, and needs no more than `most`."""

    least: int
    most: int


def shared(room: int, wants: Sequence[Want]) -> list[int]:
    """How many rows each gets; who comes first is served first.

    First each gets what it needs at least, or nothing; then what is left goes round, a row each.
    """
    given = [0] * len(wants)
    for at, want in enumerate(wants):
        least = min(want.least, want.most)
        if least <= room:
            given[at], room = least, room - least
    while room > 0:
        open_ones = [at for at, want in enumerate(wants) if given[at] and given[at] < want.most]
        if not open_ones:
            break
        for at in open_ones[:room]:
            given[at] += 1
        room -= len(open_ones[:room])
    return given


def window(count: int, row: int, height: int) -> int:
    """The first row that is shown, so that the cursor's stays in the middle where it can."""
    return max(0, min(row - height // 2, count - height))
