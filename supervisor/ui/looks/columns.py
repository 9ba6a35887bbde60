"""Text in columns on a terminal, where some characters are two cells wide and some none."""

from __future__ import annotations

from collections.abc import Sequence

from ...shell.lines import safe


def cells(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if _is_plain(text) else sum(map(_cells_of, text))


def clipped(text: str, width: int, *, end: str = "…") -> str:
    """The text in at most so many cells; the end says that it was cut."""
    if cells(text) <= width:
        return text
    return _head(text, width - cells(end)) + end if width > 0 else ""


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
        while word and cells(word) > room:
            head = _head(word, room if lines else width) or word[0]
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


def _head(text: str, room: int) -> str:
    if _is_plain(text):
        return text[: max(0, room)]
    used = 0
    for at, char in enumerate(text):
        used += _cells_of(char)
        if used > room:
            return text[:at]
    return text


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _cells_of(char: str) -> int:
    return 1 if " " <= char <= "~" or "\u2500" <= char <= "\u259f" else _wide(char)


def _wide(char: str) -> int:
    from wcwidth import wcwidth  # noqa: PLC0415  most texts need none of its tables

    return max(0, wcwidth(char))
