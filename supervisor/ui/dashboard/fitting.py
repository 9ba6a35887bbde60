"""Foreign text in cells: what a terminal shows of it is known beforehand, whatever it is.

Terminals differ in what they make of joined emoji, flags, skin tones and variation selectors. So
none of these is passed on: a flag becomes its letters, a modifier nothing, a control character a
blank. What is left takes the cells that wcwidth says everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ..looks.columns import cells, clipped, filled
from ..looks.rows import Row, Span, Style, Tone

LOOKED_AT = 8  # characters for each cell; what is longer is not even read
MARKS_MAX = 2  # combining marks on one character
_MODIFIERS = frozenset([0xFE0E, 0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400), *range(0xFE00, 0xFE0E)])
_FLAGS = range(0x1F1E6, 0x1F200)


def shown(text: str, width: int, *, is_ascii: bool = False) -> str:
    """The text in at most so many cells; where it was cut, the last one says so."""
    if width <= 0:
        return ""
    end = "~" if is_ascii else "…"
    begin = text[: width * LOOKED_AT]
    known = begin if begin.isascii() and begin.isprintable() else "".join(_known(begin, is_ascii))
    if len(begin) == len(text):
        return clipped(known, width, end=end)
    return clipped(known, width - cells(end), end="") + end


def padded(text: str, width: int, *, is_ascii: bool = False, is_right: bool = False) -> str:
    """The text in exactly so many cells."""
    short = shown(text, width, is_ascii=is_ascii)
    blank = " " * (max(0, width) - cells(short))
    return blank + short if is_right else short + blank


def laid(spans: Iterable[Span], width: int, style: Style) -> Row:
    """The spans in at most so many cells: the last door of every row."""
    kept: list[Span] = []
    left = width
    for span in spans:
        text = shown(span.text, left, is_ascii=style.is_ascii)
        if text:
            kept.append(Span(text, span.tone))
        left -= cells(text)
        if left <= 0:
            break
    return tuple(kept)


def row_cells(row: Row) -> int:
    """How many cells a row takes."""
    return sum(cells(span.text) for span in row)


def filled_out(row: Row, width: int, style: Style, tone: Tone = Tone.PLAIN) -> Row:
    """The row in exactly so many cells."""
    short = laid(row, width, style)
    blank = width - row_cells(short)
    return (*short, Span(" " * blank, tone)) if blank > 0 else short


def wrapped(text: str, width: int, most: int, style: Style) -> list[str]:
    """The text in at most so many lines, broken between words."""
    if width <= 0 or most <= 0:
        return []
    lines = filled(shown(text, width * (most + 1), is_ascii=style.is_ascii), width)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], shown(" ".join(lines[most - 1 :]), width, is_ascii=style.is_ascii)]


def _known(text: str, is_ascii: bool) -> Iterable[str]:  # noqa: FBT001  a helper
    """What is passed on of each character; a mark needs something to stand on."""
    room = 0  # for marks
    for char in text:
        code = ord(char)
        if code in _MODIFIERS or (not char.isprintable() and unicodedata.category(char) == "Cf"):
            continue
        wanted = chr(ord("A") + code - _FLAGS[0]) if code in _FLAGS else char
        wanted = wanted if wanted.isprintable() else " "
        if cells(wanted):
            room = 0 if is_ascii else MARKS_MAX
            yield "?" if is_ascii and not wanted.isascii() else wanted
        elif room:
            room -= 1
            yield wanted
