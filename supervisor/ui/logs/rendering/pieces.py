"""What an agent's line comes to: pieces of a kind, and the lines that they are shown as."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from ....shell.lines import readable
from ...looks.rows import Tone

SHOWN_CHARS = 8192  # of one line; what is longer is cut


class Kind(Enum):
    """What a piece is. Its mark says so without colour, its tone with it."""

    SAID = "", Tone.PLAIN
    THOUGHT = "~ ", Tone.DIM
    TOOL = "", Tone.TITLE  # its text has a mark of its own: `$` of a command, `>` of all others
    RESULT = "  ", Tone.DIM
    ERROR = "! ", Tone.BAD
    WARNING = "! ", Tone.WARN
    NOTE = "= ", Tone.DIM

    @property
    def mark(self) -> str:
        """What stands before each of its lines."""
        return self.value[0]

    @property
    def tone(self) -> Tone:
        """How it looks on a terminal with colours."""
        return self.value[1]


class Piece(Struct, frozen=True):
    """Something that an agent said or did; its text may have several lines, and anything in it."""

    kind: Kind
    text: str
    indent: str = ""  # of a helper that the agent has called


class Line(Struct, frozen=True, kw_only=True):
    """One line for a terminal: nothing in it drives one. `at` is the moment that it bears."""

    text: str
    tone: Tone = Tone.PLAIN
    at: float | None = None


def lines_of(piece: Piece, at: float | None) -> Iterator[Line]:
    """Show a piece, without blank lines at its ends."""
    mark = piece.indent + piece.kind.mark
    for text in piece.text.strip("\r\n").split("\n"):
        yield Line(text=(mark + shown(text)).rstrip(), tone=piece.kind.tone, at=at)


def shown(text: str) -> str:
    """One line as a terminal may show it, cut where it is too long."""
    if len(text) <= SHOWN_CHARS:
        return readable(text)
    left = len(text) - SHOWN_CHARS
    return f"{readable(text[:SHOWN_CHARS])} ... ({left} characters more: --raw shows them)"
