"""Rows for a terminal: its colours where it has some, plain text elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

from .rows import Row, Span, Style, Tone

WIDE = 1000  # of what is no terminal: nobody has to fold it, and grep finds whole lines
_WIDTH_MIN = 20
_SGR = {
    Tone.DIM: "2",
    Tone.TITLE: "1",
    Tone.GOOD: "32",
    Tone.BAD: "31",
    Tone.WARN: "33",
    Tone.BUSY: "36",
    Tone.SELECTED: "7",
}


def own_style(colour: str = "auto") -> Style:
    """What the standard output can show (see no-color.org)."""
    is_wanted = has_commands() and not os.environ.get("NO_COLOR")
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return Style(
        has_colour={"always": True, "never": False}.get(colour, is_wanted),
        is_ascii=not encoding.startswith("utf"),
    )


def has_commands() -> bool:
    """Say whether the standard output is a terminal that obeys the commands of all terminals."""
    is_known = os.environ.get("TERM", "") not in {"", "dumb", "unknown"}
    return is_known and sys.stdout.isatty()


def own_width() -> int:
    """The cells of a line of the standard output; COLUMNS says it elsewhere, too."""
    given = os.environ.get("COLUMNS", "")
    if not sys.stdout.isatty() and not given.isdecimal():
        return WIDE
    return max(_WIDTH_MIN, shutil.get_terminal_size((80, 24)).columns)


def painted(rows: Iterable[Row], style: Style) -> list[str]:
    """The rows as lines."""
    return ["".join(_painted(span, style) for span in row).rstrip() for row in rows]


def _painted(span: Span, style: Style) -> str:
    code = _SGR.get(span.tone) if style.has_colour and span.text.strip() else None
    return span.text if code is None else f"\x1b[{code}m{span.text}\x1b[0m"
