"""Rows as text for a stream: with the terminal's colours, or with none."""

from __future__ import annotations

from collections.abc import Sequence

from ..dashboard.looks import Row, Span, Style, Tone

_CODES = {
    Tone.DIM: "2",
    Tone.TITLE: "1",
    Tone.GOOD: "32",
    Tone.BAD: "31",
    Tone.WARN: "33",
    Tone.BUSY: "36",
    Tone.SELECTED: "1",
}


def painted(rows: Sequence[Row], style: Style) -> str:
    """The rows as lines."""
    return "\n".join(_line(row, style) for row in rows).rstrip("\n")


def _line(row: Row, style: Style) -> str:
    if not style.has_colour:
        return "".join(span.text for span in row).rstrip()
    return "".join(map(_span, row))


def _span(span: Span) -> str:
    code = _CODES.get(span.tone)
    return f"\x1b[{code}m{span.text}\x1b[0m" if code and span.text.strip() else span.text
