"""The time line of a report: wall-clock moments as places from 0 to 1, without the idle hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from .spans import Span, merged

PAUSE_SHARE = 0.05  # of the time at work: a shorter pause is shown as long as it was
BREAK = 0.015  # how wide a longer one is shown
BREAKS_MAX = 20
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 28 * _DAY),
)


class Part(Struct, frozen=True, kw_only=True):
    """A stretch of time, and where it lies."""

    begin: float
    end: float
    left: float
    right: float


class Tick(Struct, frozen=True, kw_only=True):
    """A moment that is named."""

    at: float  # its place
    text: str


class Axis(Struct, frozen=True, kw_only=True):
    """The stretches in which something was at work, in order; pauses lie between them."""

    parts: tuple[Part, ...]

    def place(self, at: float) -> float:
        """Where a moment lies; one in a pause lies where that begins."""
        found = self.parts[0].left if self.parts else 0.0
        for part in self.parts:
            if at < part.begin:
                return found
            length = part.end - part.begin
            share = (min(at, part.end) - part.begin) / length if length else 0.0
            found = part.left + share * (part.right - part.left)
        return found

    @property
    def breaks(self) -> tuple[float, ...]:
        """Where the long pauses lie."""
        return tuple((one.right + other.left) / 2 for one, other in pairwise(self.parts))

    @property
    def length_s(self) -> float:
        """The seconds that are shown."""
        return sum(part.end - part.begin for part in self.parts)


def axis_of(spans: Iterable[Span]) -> Axis:
    """The axis on which all of these can be shown."""
    stretches = _joined(merged(spans))
    total = sum(end - begin for begin, end in stretches) or 1.0
    room = 1.0 - BREAK * (len(stretches) - 1)
    parts: list[Part] = []
    left = 0.0
    for begin, end in stretches:
        right = left + room * (end - begin) / total
        parts.append(Part(begin=begin, end=end, left=left, right=right))
        left = right + BREAK
    return Axis(parts=tuple(parts))


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The spans without their short pauses, and without any but the longest."""
    total = sum(end - begin for begin, end in spans)
    pauses = sorted((after[0] - before[1] for before, after in pairwise(spans)), reverse=True)
    longest = pauses[BREAKS_MAX] if len(pauses) > BREAKS_MAX else 0.0
    found: list[Span] = []
    for begin, end in spans:
        if found and begin - found[-1][1] <= max(PAUSE_SHARE * total, longest):
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def ticks_of(axis: Axis, *, count_max: int, zone_s: float) -> tuple[Tick, ...]:
    """Round moments by local clocks, at most so many; `zone_s`: how far those are ahead of UTC."""
    wanted = axis.length_s / max(1, count_max)
    step = next((each for each in _STEPS if each >= wanted), _STEPS[-1])
    found: list[Tick] = []
    for part in axis.parts:
        first = -int(-(part.begin + zone_s) // step) * step
        local = first
        while local <= part.end + zone_s and len(found) < 4 * count_max:
            found.append(Tick(at=axis.place(local - zone_s), text=_clock(local, step)))
            local += step
    return tuple(found)


def _clock(local_s: int, step: int) -> str:
    second = local_s % _DAY
    clock = f"{second // _HOUR:02}:{second // _MINUTE % 60:02}"
    return f"{clock}:{second % 60:02}" if step < _MINUTE else clock
