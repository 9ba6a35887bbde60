"""What stands on an emulated terminal, as rows of runs that look the same."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import pyte
from pyte.screens import Char

# The emulator names a colour, or has it as six digits where it was one of 256.
_OF_256 = {
    "cd0000": "red",
    "ff0000": "red",
    "00cd00": "green",
    "00ff00": "green",
    "cdcd00": "brown",
    "ffff00": "brown",
    "00cdcd": "cyan",
    "00ffff": "cyan",
    "cd00cd": "magenta",
    "ff00ff": "magenta",
    "0000ee": "blue",
    "5c5cff": "blue",
    "7f7f7f": "brightblack",
    "e5e5e5": "white",
    "ffffff": "white",
    "000000": "black",
}
_SAME = {f"bright{name}": name for name in ("red", "green", "brown", "blue", "magenta", "cyan")}
_SAME["brightyellow"] = "brown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Some cells of one row that look the same; `text` may have fewer characters than cells."""

    column: int
    width: int
    text: str
    colour: str = "default"
    is_bold: bool = False
    is_reverse: bool = False


Row = tuple[Run, ...]


def rows_of(screen: pyte.Screen) -> tuple[Row, ...]:
    """All rows, without what is empty at their ends and below the last one that is not."""
    rows = [_row(screen, number) for number in range(screen.lines)]
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _row(screen: pyte.Screen, number: int) -> Row:
    cells = [screen.buffer[number][column] for column in range(screen.columns)]
    while cells and cells[-1].data in {" ", ""} and not cells[-1].reverse:
        cells.pop()
    runs, column = [], 0
    for look, group in groupby(cells, key=_look):
        found = list(group)
        colour, is_bold, is_reverse = look
        text = "".join(cell.data for cell in found)  # the second cell of a wide one has no text
        runs.append(
            Run(
                column=column,
                width=len(found),
                text=text,
                colour=colour,
                is_bold=is_bold,
                is_reverse=is_reverse,
            )
        )
        column += len(found)
    return tuple(runs)


def _look(cell: Char) -> tuple[str, bool, bool]:
    colour = _OF_256.get(cell.fg, cell.fg)
    return _SAME.get(colour, colour), cell.bold, cell.reverse
