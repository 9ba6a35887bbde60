"""How the rows of a screen are shared between its regions."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Want(Struct, frozen=True):
    """With fewer rows than `least` a region is of no use; with `enough` it is served well."""

    least: int
    enough: int
    most: int


def shared(room: int, wants: Sequence[Want]) -> list[int]:
    """How many rows each gets; who comes first is served first.

    First each gets what it needs at least, or nothing. What is left goes round, a row each, until
    all have enough, and goes round again until all have what they can use.
    """
    given = [0] * len(wants)
    for at, want in enumerate(wants):
        least = min(want.least, want.most)
        if least <= room:
            given[at], room = least, room - least
    for bounds in ([each.enough for each in wants], [each.most for each in wants]):
        room = _go_round(room, given, bounds)
    return given


def _go_round(room: int, given: list[int], bounds: Sequence[int]) -> int:
    """Give a row to each who has some and not its bound yet, until none is left."""
    while room > 0:
        served = [at for at, rows in enumerate(given) if 0 < rows < bounds[at]][:room]
        if not served:
            break
        for at in served:
            given[at] += 1
        room -= len(served)
    return room


def window(count: int, row: int, height: int) -> int:
    """The first row that is shown, so that the cursor's stays in the middle where it can."""
    return max(0, min(row - height // 2, count - height))
