"""Figures that add up: counters, and durations in classes. Sums of sums are sums again.

A duration falls into one of ten classes a decade (1, 1.25, 1.6, 2 ... the preferred numbers R10),
so that a quantile is off by a quarter at most, and 1, 2 and 5 of every decade are borders.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ..values import replace

_R10 = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
_DECADES = range(-3, 5)  # from a millisecond to a day; what is longer has a class of its own
BORDERS = tuple(float(f"{step:g}e{decade}") for decade in _DECADES for step in _R10)
SERIES_MAX = 500  # of one family; the rest counts as `other`
OTHER = "other"

Key = tuple[str, tuple[str, ...]]  # of a series: its family's name, and the values of its labels


class Counted(Struct, frozen=True, array_like=True):
    """So many more of this."""

    name: str
    labels: tuple[str, ...]
    by: float


class Timed(Struct, frozen=True, array_like=True):
    """So many more durations of this: their sum, the longest, and how many by class."""

    name: str
    labels: tuple[str, ...]
    count: int
    total: float
    top: float
    classes: dict[int, int]

    def plus(self, other: Timed) -> Timed:
        """Both together."""
        classes = dict(self.classes)
        for at, count in other.classes.items():
            classes[at] = classes.get(at, 0) + count
        return replace(
            self,
            count=self.count + other.count,
            total=round(self.total + other.total, 6),
            top=max(self.top, other.top),
            classes=classes,
        )


class Level(Struct, frozen=True, array_like=True):
    """How high something stands at a moment."""

    name: str
    labels: tuple[str, ...]
    value: float


class Batch(Struct, frozen=True, omit_defaults=True):
    """What was counted and timed in some time."""

    counted: tuple[Counted, ...] = ()
    timed: tuple[Timed, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing in it."""
        return not self.counted and not self.timed


NOTHING = Batch()


class Tally:
    """Grows with what is counted and timed; `batch` is what it has come to."""

    def __init__(self) -> None:
        self._counted: dict[Key, float] = {}
        self._timed: dict[Key, Timed] = {}
        self._series: dict[str, int] = {}

    def count(self, name: str, labels: tuple[str, ...] = (), by: float = 1) -> None:
        """Count so many more."""
        key = self._key(name, labels, self._counted)
        self._counted[key] = self._counted.get(key, 0) + by

    def time(self, name: str, labels: tuple[str, ...], took_s: float) -> None:
        """Note a duration."""
        took_s = round(max(0.0, took_s), 6)
        timed = Timed(name, labels, 1, took_s, took_s, {bisect_left(BORDERS, took_s): 1})
        self._add(timed)

    def add(self, batch: Batch) -> None:
        """Add what was counted elsewhere."""
        for each in batch.counted:
            self.count(each.name, each.labels, each.by)
        for timed in batch.timed:
            self._add(timed)

    def batch(self) -> Batch:
        """All of it."""
        return Batch(
            counted=tuple(Counted(*key, by) for key, by in self._counted.items()),
            timed=tuple(self._timed.values()),
        )

    def _add(self, timed: Timed) -> None:
        key = self._key(timed.name, timed.labels, self._timed)
        before = self._timed.get(key)
        self._timed[key] = replace(timed, labels=key[1]) if before is None else before.plus(timed)

    def _key(self, name: str, labels: tuple[str, ...], known: Mapping[Key, object]) -> Key:
        key = (name, labels)
        if key in known:
            return key
        count = self._series.get(name, 0)
        if count >= SERIES_MAX and labels:
            return (name, (OTHER,) * len(labels))
        self._series[name] = count + 1
        return key


def added(batches: Iterable[Batch]) -> Batch:
    """The sum."""
    tally = Tally()
    for each in batches:
        tally.add(each)
    return tally.batch()


def quantile(timed: Timed, share: float) -> float:
    """The duration that this share did not exceed: never above the longest that there was."""
    if not timed.count:
        return 0.0
    left = share * timed.count
    for at, count in sorted(timed.classes.items()):
        if left <= count:
            low = BORDERS[at - 1] if at else 0.0
            high = min(BORDERS[at], timed.top) if at < len(BORDERS) else timed.top
            return low + (high - low) * max(0.0, left) / count if high > low else high
        left -= count
    return timed.top


def is_sound(batch: Batch) -> bool:
    """Say whether it can have been counted at all: what was read from a disk may be anything."""
    numbers = [each.by for each in batch.counted]
    numbers += [value for each in batch.timed for value in (each.total, each.top, each.count)]
    numbers += [count for each in batch.timed for count in each.classes.values()]
    places = [at for each in batch.timed for at in each.classes]
    return all(math.isfinite(number) and number >= 0 for number in numbers) and all(
        0 <= at <= len(BORDERS) for at in places
    )
