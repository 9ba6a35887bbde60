"""Whether a dashboard can be drawn where we are; asked before anything that draws is imported."""

from __future__ import annotations

import os
import sys

from ..looks.painting import INCAPABLE


def why_no_screen() -> str:
    """Why nothing can be drawn here; empty if it can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "this is no terminal"
    kind = os.environ.get("TERM", "")
    return f"a terminal with TERM={kind!r} shows lines only" if kind in INCAPABLE else ""
