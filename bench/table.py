"""Rows of numbers: from samples to a line of the table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = (
    *("what", "median", "p99", "min .. max", "n", "unit", "goal", ""),
    *("all rounds", "load", "others"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured thing; `goal` is a limit for its median, from above unless `is_floor`."""

    what: str
    unit: str
    samples: tuple[float, ...]
    goal: float | None = None
    is_floor: bool = False

    @property
    def median(self) -> float:
        """What counts against the goal."""
        return statistics.median(self.samples)

    @property
    def p99(self) -> float:
        """The 99th percentile by nearest rank: of fewer than a hundred samples the largest."""
        ordered = sorted(self.samples)
        return ordered[math.ceil(0.99 * len(ordered)) - 1]

    @property
    def is_met(self) -> bool | None:
        """Say whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.median >= self.goal if self.is_floor else self.median <= self.goal

    def cells(self) -> tuple[str, ...]:
        """The row as texts, without the rounds and their conditions."""
        verdict = {True: "met", False: "MISSED", None: ""}[self.is_met]
        bound = ">=" if self.is_floor else "<="
        goal = "" if self.goal is None else f"{bound} {number(self.goal)}"
        count, p99, spread = len(self.samples), "", ""
        if count > 1:
            p99 = number(self.p99)
            spread = f"{number(min(self.samples))} .. {number(max(self.samples))}"
        numbers = (number(self.median), p99, spread, str(count))
        return (self.what, *numbers, self.unit, goal, verdict)

    def document(self) -> dict[str, object]:
        """The row for a JSON file."""
        return {
            "what": self.what,
            "unit": self.unit,
            "median": self.median,
            "p99": self.p99,
            "min": min(self.samples),
            "max": max(self.samples),
            "n": len(self.samples),
            "goal": self.goal,
            "met": self.is_met,
        }


def row(
    what: str,
    samples: Sequence[float],
    unit: str = "ms",
    *,
    goal: float | None = None,
    is_floor: bool = False,
) -> Row:
    """Make a row; samples of a unit `ms` are given in seconds."""
    scale = 1000.0 if unit == "ms" else 1.0
    scaled = tuple(sample * scale for sample in samples)
    return Row(what=what, unit=unit, samples=scaled, goal=goal, is_floor=is_floor)


def render(lines: Sequence[Sequence[str]]) -> str:
    """Align the cells, the headings above them."""
    table = [HEADINGS, *lines]
    widths = [max(len(line[at]) for line in table) for at in range(len(HEADINGS))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (table[0], rule, *table[1:])
    )


def number(value: float) -> str:
    """A value with the digits that tell something."""
    if value and abs(value) < 1:
        return f"{value:.3f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"  # noqa: PLR2004  three digits tell enough
