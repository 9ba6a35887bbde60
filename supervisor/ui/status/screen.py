"""A terminal on which the same place is written again and again; nothing above it is lost."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

HOME, CLEAR_SCREEN = "\x1b[H", "\x1b[2J"
CLEAR_LINE, CLEAR_BELOW = "\x1b[K", "\x1b[J"


class Screen:
    """Shows lines from the top on; what has no room is counted."""

    def __init__(self) -> None:
        self._shown: tuple[object, ...] | None = None

    def show(self, lines: Sequence[str]) -> None:
        """Show these in place of those before, if anything is other than it was."""
        size = shutil.get_terminal_size((80, 24))
        state = (size, *lines)
        if state == self._shown:
            return
        begin = HOME if self._shown is not None else CLEAR_SCREEN + HOME
        self._shown = state
        text = f"{CLEAR_LINE}\n".join(fitting(lines, size.lines - 1))
        sys.stdout.write(f"{begin}{text}{CLEAR_LINE}\n{CLEAR_BELOW}")
        sys.stdout.flush()


def fitting(lines: Sequence[str], rows: int) -> list[str]:
    """As many lines as there are rows; the last one says how many more there are."""
    if len(lines) <= rows:
        return list(lines)
    kept = max(0, rows - 1)
    return [*lines[:kept], f"... {len(lines) - kept} more lines; `prd-supervise dashboard` scrolls"]
