"""Text in columns on a terminal, where some characters are two cells wide and some none."""

from __future__ import annotations

from collections.abc import Sequence

from ...shell.lines import safe


def cells(text: str) -> int:
    """How many cells the text takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cells_of, text))


def clipped(text: str, width: int) -> str:
    """The text in at most so many cells."""
    if cells(text) <= width:
        return text
    kept: list[str] = []
    left = width - 1
    for char in text:
        left -= _cells_of(char)
        if left < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def padded(text: str, width: int) -> str:
    """The text in exactly so many cells."""
    short = clipped(text, width)
    return short + " " * (width - cells(short))


def filled(text: str, width: int, indent: str = "") -> list[str]:
    """The text in lines of at most so many cells, the later ones indented; long words are cut."""
    lines: list[str] = []
    line = ""
    for word in safe(text).split(" "):
        room = width - cells(indent if lines else "")
        candidate = f"{line} {word}" if line else word
        if cells(candidate) <= room:
            line = candidate
            continue
        if line:
            lines.append(line)
        room = width - cells(indent)
        while cells(word) > room:
            head = _head(word, room if lines else width)
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901  the rest of it
        line = word
    if line:
        lines.append(line)
    return [each if not at else indent + each for at, each in enumerate(lines)]


def table(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """The rows with cells of these widths, two blanks between them; the last one is not padded."""
    return [
        "  ".join(
            padded(cell, width) for cell, width in zip(row, widths, strict=True) if width
        ).rstrip()
        for row in rows
    ]


def _head(word: str, room: int) -> str:
    used = 0
    for at, char in enumerate(word):
        used += _cells_of(char)
        if used > room and at:
            return word[:at]
    return word


def _cells_of(char: str) -> int:
    return 1 if " " <= char <= "~" or "\u2500" <= char <= "\u259f" else _wide(char)


def _wide(char: str) -> int:
    from wcwidth import wcwidth  # noqa: PLC0415  most texts need none of its tables

    return max(0, wcwidth(char))
