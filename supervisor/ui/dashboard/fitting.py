"""Foreign text in cells: what a terminal shows of it is known beforehand, whatever it is.

Terminals differ in what they make of joined emoji, flags, skin tones and variation selectors. So
none of these is passed on: a flag becomes its letters, a modifier nothing, a control character a
blank. What is left takes the cells that wcwidth says everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from wcwidth import wcwidth

from ..looks.columns import filled
from ..looks.rows import Row, Span, Style, Tone

LOOKED_AT = 8  # characters for each cell; what is longer is not even read
MARKS_MAX = 2  # combining marks on one character
_MODIFIERS = frozenset([0xFE0E, 0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400), *range(0xFE00, 0xFE0E)])
_FLAGS = range(0x1F1E6, 0x1F200)


def shown(text: str, width: int, *, is_ascii: bool = False) -> str:
    """The text in at most so many cells; where it was cut, the last one says so."""
    if width <= 0:
        return ""
    most = width * LOOKED_AT
    is_cut = len(text) > most
    text = text[:most]
    if text.isascii() and text.isprintable():
        if len(text) <= width and not is_cut:
            return text
        return text[: width - 1] + _end(is_ascii=is_ascii)
    parts = list(_parts(text, is_ascii=is_ascii))
    used = sum(cells for _, cells in parts)
    if used <= width and not is_cut:
        return "".join(part for part, _ in parts)
    while parts and used > width - 1:
        used -= parts.pop()[1]
    return "".join(part for part, _ in parts) + _end(is_ascii=is_ascii)


def cells(text: str) -> int:
    """How many cells a shown text takes."""
    return len(text) if text.isascii() else sum(max(0, wcwidth(char)) for char in text)


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


def _parts(text: str, *, is_ascii: bool) -> Iterable[tuple[str, int]]:
    """Characters with the cells that they take; marks go with what they stand on."""
    base, width, marks = "", 0, 0
    for char in text:
        code = ord(char)
        if code in _MODIFIERS or (not char.isprintable() and unicodedata.category(char) == "Cf"):
            continue
        wanted = chr(ord("A") + code - _FLAGS[0]) if code in _FLAGS else char
        wanted = wanted if wanted.isprintable() else " "
        taken = max(0, wcwidth(wanted))
        if not taken:
            if base and marks < MARKS_MAX and not is_ascii:
                base, marks = base + wanted, marks + 1
            continue
        if base:
            yield base, width
        if is_ascii and not wanted.isascii():
            wanted, taken = "?", 1
        base, width, marks = wanted, taken, 0
    if base:
        yield base, width


def _end(*, is_ascii: bool) -> str:
    return "~" if is_ascii else "…"
