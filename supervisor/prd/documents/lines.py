"""From an offset in a text to its line, and what to show of that line."""

from __future__ import annotations

import unicodedata

from .document import Place, UnreadableError

SHOWN_MAX = 76
_BLOCK = 1 << 16


class Lines:
    """The lines of one text; lines end with a line feed.

    Newlines are counted once for each block of the text, or the defects of a long file would take
    quadratic time; a list of all lines could take more memory than the file.
    """

    __slots__ = ("_before", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._before: list[tuple[int, int]] = []  # of a block: newlines before it, and the last one

    def place(self, offset: int) -> Place:
        """The place of the character at `offset`."""
        count, newline = self._newlines(offset)
        return Place(line=count + 1, column=offset - newline)

    def excerpt(self, offset: int) -> str:
        """The line around `offset` and a caret below it; empty where there is nothing to see."""
        _, newline = self._newlines(offset)
        first = max(newline + 1, offset - SHOWN_MAX // 2)
        last = self._text.find("\n", offset, first + SHOWN_MAX)
        last = min(first + SHOWN_MAX, len(self._text)) if last < 0 else last
        shown = _seen(self._text[first:last]).rstrip()
        if not shown:
            return ""
        before = ("..." if first > newline + 1 else "") + _seen(self._text[first:offset])
        lead = before[: len(before) - (offset - first)]
        is_cut = last < len(self._text) and self._text[last] != "\n"
        caret = " " * sum(map(_width, before)) + "^"
        return f"{lead}{shown}{'...' if is_cut else ''}\n{caret}"

    def _newlines(self, offset: int) -> tuple[int, int]:
        """How many newlines stand before `offset`, and the offset of the last one (-1: none)."""
        if not self._before:
            self._before = _blocks(self._text)
        block = min(offset // _BLOCK, len(self._before) - 1)
        count, last = self._before[block]
        start = block * _BLOCK
        near = self._text.rfind("\n", start, offset)
        return count + self._text.count("\n", start, offset), max(near, last)


def unreadable(text: str, offset: int, message: str) -> UnreadableError:
    """The error that names a place in a text and shows it."""
    lines = Lines(text)
    place = lines.place(offset)
    excerpt = lines.excerpt(offset)
    return UnreadableError(message, line=place.line, column=place.column, excerpt=excerpt)


def _blocks(text: str) -> list[tuple[int, int]]:
    found = [(0, -1)]
    for start in range(0, len(text) - _BLOCK, _BLOCK):
        count, last = found[-1]
        near = text.rfind("\n", start, start + _BLOCK)
        found.append((count + text.count("\n", start, start + _BLOCK), max(near, last)))
    return found


def _seen(text: str) -> str:
    """The text as a terminal may show it, a character for a character: a tab is one blank."""
    return "".join(
        " " if char in "\t\r" else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def _width(char: str) -> int:
    """The columns that a terminal gives to a character."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
