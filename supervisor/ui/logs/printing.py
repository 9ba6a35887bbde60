"""Lines on the standard output: whose they are stands before them, and colour says it again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from ...shell.lines import safe
from ..colour import painted
from ..dashboard.looks import Tone
from .rendering.pieces import Line
from .sources import LABEL_CHARS, Log

_TONES = {
    Tone.DIM: "2",
    Tone.TITLE: "1",
    Tone.GOOD: "32",
    Tone.BAD: "31",
    Tone.WARN: "33",
    Tone.BUSY: "36",
}
_OF_STORIES = ("36", "32", "35", "33", "34", "96", "92", "95", "93", "94")  # one after the other


class Printer:
    """Prints lines; the column of prefixes grows with the longest one."""

    def __init__(self, *, has_colour: bool, has_prefix: bool) -> None:
        self._has_colour = has_colour
        self._has_prefix = has_prefix
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
        self._write("".join(f"{prefix}{self._toned(line)}\n" for line in lines))

    def note(self, text: str) -> None:
        """Say something that no log says."""
        sys.stdout.flush()
        print(f"note: {text}", file=sys.stderr)  # noqa: T201

    def _who(self, log: Log) -> str:
        name = f"{log.story_id}#{log.attempt}" if log.story_id else log.prd_id
        return f"{log.prd_id}/{name}" if self._has_prds and log.story_id else name

    def _prefix(self, log: Log) -> str:
        name = f"{safe(self._who(log)):<{self._width}} {log.label:<{LABEL_CHARS}} |"
        if not self._has_colour:
            return f"{name} "
        story = (log.prd_id, log.story_id)
        colour = _OF_STORIES[len(self._colours) % len(_OF_STORIES)]
        return f"{painted(name, self._colours.setdefault(story, colour))} "

    def _toned(self, line: Line) -> str:
        code = _TONES.get(line.tone) if self._has_colour else None
        return painted(line.text, code) if code and line.text else line.text

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
