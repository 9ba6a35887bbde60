"""Rows and lines for a terminal: its colours where it has some, plain text elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable

from .rows import Row, Span, Style, Tone

AUTO, ALWAYS, NEVER = "auto", "always", "never"
INCAPABLE = frozenset({"", "dumb", "unknown", "network", "emacs"})  # values of TERM
WIDE = 1000  # of what is no terminal: nobody has to fold it, and grep finds whole lines
_WIDTH_MIN = 20
_PAGE_MIN, _PAGE = 40, 100
_CODES = {  # numbers of ECMA-48: no library needs to be asked, in a root that runs for weeks
    Tone.DIM: "2",
    Tone.TITLE: "1",
    Tone.GOOD: "32",
    Tone.BAD: "31",
    Tone.WARN: "33",
    Tone.BUSY: "36",
    Tone.SELECTED: "7",
}


def own_style(colour: str = AUTO) -> Style:
    """What the standard output can show."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return Style(has_colour=wants_colour(colour), is_ascii=not encoding.startswith("utf"))


def wants_colour(choice: str = AUTO) -> bool:
    """Say whether the standard output is to have colours (see no-color.org)."""
    if choice != AUTO:
        return choice == ALWAYS
    return has_commands() and not os.environ.get("NO_COLOR")


def has_commands() -> bool:
    """Say whether the standard output is a terminal that obeys the commands of all terminals."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in INCAPABLE


def own_width() -> int:
    """The cells of a line of the standard output; COLUMNS says it elsewhere, too."""
    given = os.environ.get("COLUMNS", "")
    if not sys.stdout.isatty() and not given.isdecimal():
        return WIDE
    return max(_WIDTH_MIN, shutil.get_terminal_size((80, 24)).columns)


def page_width(most: int) -> int:
    """The cells of a line of prose: no wider than it is read with ease."""
    wide = shutil.get_terminal_size((_PAGE, 24)).columns if sys.stdout.isatty() else _PAGE
    return max(_PAGE_MIN, min(wide, most))


def painted(rows: Iterable[Row], style: Style) -> list[str]:
    """The rows as lines."""
    return ["".join(_painted(span, style) for span in row).rstrip() for row in rows]


def toned(text: str, tone: Tone) -> str:
    """The text with the commands of a terminal that has colours."""
    code = _CODES.get(tone)
    return text if code is None or not text else coloured(text, code)


def coloured(text: str, code: str) -> str:
    """The text in a colour (a number of ECMA-48), and nothing after it."""
    return f"\x1b[{code}m{text}\x1b[0m"


def _painted(span: Span, style: Style) -> str:
    return toned(span.text, span.tone) if style.has_colour and span.text.strip() else span.text
