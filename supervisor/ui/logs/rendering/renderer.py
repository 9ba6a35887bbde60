"""What an agent has printed, line by line, as people read it.

Which agent it was need not be known: each line of those that we know says whose it is. A line that
nobody knows is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

from .....workers.agents.jsonline import Json, at, json_object, number_at
from ...looks.rows import Tone
from .claude import Messages
from .codex import CodexEvents
from .gemini import GeminiEvents
from .opencode import OpencodeEvents, of_opencode_log
from .pieces import Line, Piece, lines_of, shown
from .texts import of_aider, of_replay

_BEGUN = re.compile(r"== \w{1,40} ([0-9a-f]{12}): (.*)")  # what verify.py writes before a command
_OfText = Callable[[str], tuple[Piece, ...] | None]
_MILLISECONDS_FROM = 1e11  # a moment that is a larger number is one of milliseconds


class Speaker(Protocol):
    """Understands the events of one agent."""

    def speaks(self, said: Json) -> bool:
        """Say whether an object is an event of its own."""
        ...

    def pieces(self, said: Json) -> Iterator[Piece]:
        """Say what an event comes to."""
        ...


class Renderer:
    """Lines in, lines out; it remembers no more than what belongs together."""

    def __init__(self) -> None:
        self._gemini = GeminiEvents()
        self._speakers: tuple[Speaker, ...] = (
            Messages(),
            CodexEvents(),
            self._gemini,
            OpencodeEvents(),
        )
        self._of_texts: tuple[_OfText, ...] = (
            of_replay,
            of_opencode_log,
            self._gemini.of_text,
            of_aider,
        )
        self._at: float | None = None

    def feed(self, line: str) -> tuple[Line, ...]:
        """Show one line; nothing of it where it says nothing to people."""
        line = line.rstrip("\r\n")
        if "{" in line:
            said = json_object(line)
            speaker = None if said is None else self._speaker(said)
            if said is not None and speaker is not None:
                self._at = moment_of(said) or self._at
                return self._lines(speaker.pieces(said))
        for of_text in self._of_texts:
            pieces = of_text(line)
            if pieces is not None:
                return self._lines(pieces)
        return (*self.rest(), Line(text=shown(line), at=self._at))

    def rest(self) -> tuple[Line, ...]:
        """Show what was held back because more of it was to come."""
        return self._lines(self._gemini.rest())

    def _speaker(self, said: Json) -> Speaker | None:
        # Warnings may stand before an event, but not within a sentence.
        return next((each for each in self._speakers if each.speaks(said)), None)

    def _lines(self, pieces: Iterable[Piece]) -> tuple[Line, ...]:
        return tuple(line for piece in pieces for line in lines_of(piece, self._at))


class CommandRenderer:
    """For what setups and verify commands print; each begins with a line of ours."""

    def feed(self, line: str) -> tuple[Line, ...]:
        """Show one line as it stands."""
        begun = _BEGUN.fullmatch(line) if line.startswith("== ") else None
        if begun is not None:
            return (Line(text=shown(f"$ {begun[2]}  (at {begun[1]})"), tone=Tone.TITLE),)
        return (Line(text=shown(line.rstrip("\r\n"))),)

    def rest(self) -> tuple[Line, ...]:
        """Nothing is held back."""
        return ()


def moment_of(said: Json) -> float | None:
    """The moment that an event bears, if it bears one."""
    told = at(said, "timestamp")
    if isinstance(told, str) and len(told) < 40:  # noqa: PLR2004
        try:
            return datetime.fromisoformat(told).timestamp()
        except (ValueError, OverflowError):
            return None
    number = number_at(said, "timestamp")
    if number is None or number <= 0:
        return None
    return number / 1000 if number > _MILLISECONDS_FROM else number
