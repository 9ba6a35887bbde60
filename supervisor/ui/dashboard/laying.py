"""Rows with columns: which of them there is room for, and the cells of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from msgspec import Struct

from ..looks.columns import cells
from ..looks.rows import Row, Span, Style, Tone
from .fitting import filled_out, padded

GAP = 2


class Column(Struct, frozen=True, kw_only=True):
    """A column; the lower its rank the sooner it is left out. The last one may grow."""

    name: str
    width: int
    rank: int
    is_right: bool = False


def chosen_columns(wanted: Sequence[Column], room: int) -> tuple[Column, ...]:
    """Those that fit, by rank; the first in rank stays in any case, as narrow as it must."""
    kept: set[str] = set()
    left = room + GAP
    for column in sorted(wanted, key=lambda each: -each.rank):
        if column.width + GAP <= left or not kept:
            kept.add(column.name)
            left -= column.width + GAP
    return tuple(each for each in wanted if each.name in kept and each.width)


def in_columns(
    columns: Sequence[Column], texts: Mapping[str, Sequence[Span]], style: Style
) -> list[Span]:
    """The texts of a row in the cells of these columns; the last one ends where it ends."""
    found: list[Span] = []
    for place, column in enumerate(columns):
        spans = texts.get(column.name, ())
        if place == len(columns) - 1:
            return [*found, *spans]
        found += _cell(spans, column, style)
        found.append(Span(" " * GAP))
    return found


def _cell(spans: Sequence[Span], column: Column, style: Style) -> list[Span]:
    if len(spans) == 1:
        text = padded(
            spans[0].text, column.width, is_ascii=style.is_ascii, is_right=column.is_right
        )
        return [Span(text, spans[0].tone)]
    used = sum(cells(span.text) for span in spans)
    return [*spans, Span(" " * max(0, column.width - used))]


def heading(text: str, width: int, style: Style, *, tone: Tone, note: str = "") -> Row:
    """What a region is called, on a line that goes across."""
    line = "-" if style.is_ascii else "─"
    right = f" {note}" if note else ""
    long = max(0, width - cells(text) - 1 - cells(right))
    return (Span(text, tone), Span(" " + line * long, Tone.DIM), Span(right, Tone.DIM))


def selected(row: Sequence[Span], width: int, style: Style, bar: Sequence[Span] = ()) -> Row:
    """A row that the cursor stands on, over its whole width.

    A bar in it stays as it is: in reverse what is done would look like what is left.
    """
    found: list[Span] = []
    for is_bar, spans in groupby(row, lambda span: span in bar):
        text = "".join(span.text for span in spans)
        found += [Span(text, Tone.SELECTED)] if not is_bar else bar
    return filled_out(tuple(found), width, style, Tone.SELECTED)
