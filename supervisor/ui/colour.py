"""When there is colour, and how, for lines that are printed and forgotten."""

from __future__ import annotations

import os
import sys

AUTO, ALWAYS, NEVER = "auto", "always", "never"


def wants_colour(choice: str = AUTO) -> bool:
    """Say whether the standard output is to have colours (see no-color.org)."""
    if choice != AUTO:
        return choice == ALWAYS
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def painted(text: str, code: str) -> str:
    """The text in a colour (a number of ECMA-48), and nothing after it."""
    return f"\x1b[{code}m{text}\x1b[0m"
