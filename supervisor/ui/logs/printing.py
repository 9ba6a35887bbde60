"""Lines on the standard output: whose they are stands before them, and colour says it again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from shutil import get_terminal_size

from ...shell.lines import safe
from ..looks.columns import cells, filled
from ..looks.painting import coloured, toned
from .rendering.pieces import Line
from .sources import LABEL_CHARS, Log

ROOM_MIN = 20  # cells for a line's text; with less the terminal wraps as it likes
_OF_STORIES = ("36", "32", "35", "33", "34", "96", "92", "95", "93", "94")  # one after the other


class Printer:
    """Prints lines; the column of prefixes grows with the longest one."""

    def __init__(self, *, has_colour: bool, has_prefix: bool) -> None:
        self._has_colour = has_colour
        self._has_prefix = has_prefix
        self._is_terminal = sys.stdout.isatty()
        self._has_prds = False
        self._width = 0
        self._colours: dict[tuple[str, str], str] = {}

    def know(self, logs: Sequence[Log]) -> None:
        """Make room for their names."""
        self._has_prds = self._has_prds or len({log.prd_id for log in logs}) > 1
        for log in logs:
            self._width = max(self._width, len(self._who(log)))

    def show(self, log: Log, lines: Iterable[Line]) -> None:
        """Print lines of one log."""
        prefix = self._prefix(log) if self._has_prefix else ""
        if self._is_terminal:
            self._write("".join(self._filled(log, prefix, lines)))
        else:
            self._write("".join(f"{prefix}{self._toned(line)}\n" for line in lines))

    def note(self, text: str) -> None:
        """Say something that no log says."""
        sys.stdout.flush()
        print(f"note: {text}", file=sys.stderr)  # noqa: T201

    def _filled(self, log: Log, prefix: str, lines: Iterable[Line]) -> Iterator[str]:
        """Lines that are as long as the terminal is wide; what is left stands below them."""
        blank = self._painted(log, f"{'':{self._width}} {'':{LABEL_CHARS}} | ") if prefix else ""
        used = self._width + LABEL_CHARS + len("  | ") if prefix else 0
        room = get_terminal_size().columns - used
        for line in lines:
            for number, text in enumerate(_rows(line.text, room)):
                toned = self._toned(Line(text=text, tone=line.tone))
                yield f"{blank if number else prefix}{toned}\n"

    def _who(self, log: Log) -> str:
        name = f"{log.story_id}#{log.attempt}" if log.story_id else log.prd_id
        return f"{log.prd_id}/{name}" if self._has_prds and log.story_id else name

    def _prefix(self, log: Log) -> str:
        name = f"{safe(self._who(log)):<{self._width}} {log.label:<{LABEL_CHARS}} |"
        return self._painted(log, f"{name} ")

    def _painted(self, log: Log, name: str) -> str:
        if not self._has_colour:
            return name
        story = (log.prd_id, log.story_id)
        colour = _OF_STORIES[len(self._colours) % len(_OF_STORIES)]
        return coloured(name, self._colours.setdefault(story, colour))

    def _toned(self, line: Line) -> str:
        return toned(line.text, line.tone) if self._has_colour else line.text

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _rows(text: str, room: int) -> list[str]:
    """The text in rows of so many cells, indented as it is."""
    is_narrow = text.isascii()  # a character is a cell: most lines are so, and floods too
    if room < ROOM_MIN or (len(text) if is_narrow else cells(text)) <= room:
        return [text]
    bare = text.lstrip(" ")
    indent = " " * min(len(text) - len(bare), room // 2)
    fill = _filled_narrow if is_narrow else filled
    return [indent + row for row in fill(bare, room - len(indent))]


def _filled_narrow(text: str, room: int) -> list[str]:
    """The same as `filled`, of characters that are a cell each."""
    rows = []
    begin = 0
    while len(text) - begin > room:
        end = text.rfind(" ", begin, begin + room + 1)
        if end <= begin:
            end = begin + room
        rows.append(text[begin:end].rstrip(" "))
        begin = end + (text[end] == " ")
    rows.append(text[begin:])
    return rows
