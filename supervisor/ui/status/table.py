"""Rows of cells in columns that fit: what is least missed gives way, the last one is folded."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..looks.columns import cells, filled
from ..looks.rows import Row, Span, Tone

GAP = "  "
_NOTHING = {"", "-"}
LAST_MIN = 16  # cells of the last column, before another one gives way


class Cell(Struct, frozen=True):
    """A text in a column; numbers stand at its right."""

    text: str
    tone: Tone = Tone.PLAIN
    is_number: bool = False


class Column(Struct, frozen=True):
    """`gives_way` orders those that are left out, the highest first; 0 stays."""

    heading: str
    gives_way: int = 0
    is_last: bool = False


class Table:
    """Where the columns of some lines stand, in a certain width."""

    def __init__(
        self,
        columns: Sequence[Column],
        lines: Sequence[Sequence[Cell]],
        width: int,
        indent: str = "",
    ) -> None:
        self._columns = columns
        self._width = width
        self._indent = indent
        self._widths = {
            at: max([cells(column.heading), *(cells(line[at].text) for line in lines)])
            for at, column in enumerate(columns)
            if column.is_last or any(line[at].text not in _NOTHING for line in lines)
        }
        self._said = {at for at in self._widths if any(line[at].text for line in lines)}
        self._numbers = {at for at in self._widths if any(line[at].is_number for line in lines)}
        while self._needed() > width - cells(indent) and self._give_way():
            pass

    def headings(self) -> list[Row]:
        """The first row."""
        return self.rows(
            [
                Cell(column.heading if at in self._said else "", Tone.DIM, at in self._numbers)
                for at, column in enumerate(self._columns)
            ]
        )

    def rows(self, line: Sequence[Cell]) -> list[Row]:
        """One line: a row, and more where its last cell does not fit."""
        *before, last = self._widths
        spans = [Span(self._indent)] if self._indent else []
        for at in before:
            cell, room = line[at], self._widths[at]
            blank = " " * (room - cells(cell.text))
            text = blank + cell.text if cell.is_number else cell.text + blank
            spans += [Span(text, cell.tone), Span(GAP)]
        used = sum(cells(span.text) for span in spans)
        first, *rest = filled(line[last].text, max(self._width - used, LAST_MIN)) or [""]
        rows: list[Row] = [(*spans, Span(first, line[last].tone))]
        return [*rows, *((Span(" " * used), Span(text, line[last].tone)) for text in rest)]

    def _needed(self) -> int:
        """The cells that it takes; of the last column not more than it must have."""
        *before, last = self._widths
        own = min(self._widths[last], LAST_MIN)
        return sum(self._widths[at] + len(GAP) for at in before) + own

    def _give_way(self) -> bool:
        giving = [at for at in self._widths if self._columns[at].gives_way]
        if giving:
            del self._widths[max(giving, key=lambda at: self._columns[at].gives_way)]
        return bool(giving)
