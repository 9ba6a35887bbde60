"""The terminal that doctor is typed into: what it can show."""

from __future__ import annotations

import curses
import locale
import os
import shutil
import sys
from collections.abc import Mapping

from ..looks.painting import INCAPABLE
from .words import Line, ok, warn

_COLUMNS = 40


def terminal_line(environ: Mapping[str, str] = os.environ) -> Line:
    """Its name, its letters, its colours, its size."""
    name = environ.get("TERM", "")
    letters = locale.nl_langinfo(locale.CODESET)
    if letters.upper().replace("-", "") not in {"UTF8", "UTF16"}:
        advice = "LANG=C.UTF-8, or another one that ends in UTF-8"
        return warn("terminal", f"its letters are {letters}: others are shown as ?", advice)
    if not sys.stdout.isatty():
        return ok("terminal", "this is none: plain lines are printed")
    if name in INCAPABLE:
        advice = "TERM=xterm-256color, or --plain for lines"
        return warn("terminal", f"TERM={name or '(nothing)'}: no dashboard can be shown", advice)
    columns, rows = shutil.get_terminal_size()
    size = f"{columns} x {rows}"
    if columns < _COLUMNS:
        return warn("terminal", f"{name}, {size}", f"a dashboard wants {_COLUMNS} columns")
    colours = "no colours (NO_COLOR)" if environ.get("NO_COLOR") else f"{_colours()} colours"
    return ok("terminal", f"{name}, {letters}, {colours}, {size}")


def _colours() -> int:
    try:
        curses.setupterm(fd=sys.stdout.fileno())
    except curses.error:  # nobody here knows a terminal of this name
        return 0
    return max(0, curses.tigetnum("colors"))
