"""Stories of different PRDs whose declared files can be the same: a table, a bit each story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

Key = tuple[str, str]  # a PRD and a story of it


class Overlaps(Struct, frozen=True, kw_only=True):
    """For each story, by its place, those of other PRDs that it meets.

    `apart` are those beside which it may not run, `told` those of which people are told.
    """

    places: Mapping[Key, int] = field(default_factory=dict)
    apart: tuple[int, ...] = ()
    told: tuple[int, ...] = ()

    def excludes(self, one: Key, other: Key) -> bool:
        """Say whether these two may not run at once."""
        return self._holds(self.apart, one, other)

    def mentions(self, one: Key, other: Key) -> bool:
        """Say whether people want to know that these two run at once."""
        return self._holds(self.told, one, other)

    def meeting(self, one: Key, others: Iterable[Key]) -> list[Key]:
        """Those of the others that it meets in either way."""
        return [each for each in others if self.excludes(one, each) or self.mentions(one, each)]

    def _holds(self, table: tuple[int, ...], one: Key, other: Key) -> bool:
        at, its = self.places.get(one), self.places.get(other)
        return at is not None and its is not None and bool(table[at] >> its & 1)
