"""What a program says, as one line for people."""

from __future__ import annotations

import re

LINE_CHARS = 300
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;:?]{0,64}[ -/]?[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)?|.)?")
_READ_CHARS = 8 * LINE_CHARS  # of a long text only its beginning is looked at


def one_line(text: str, *, chars: int = LINE_CHARS) -> str:
    """Take out what drives a terminal, fold what is blank, and cut what is too long."""
    plain = _ESCAPE.sub("", text[: _READ_CHARS + chars])
    line = " ".join("".join(map(_shown, plain)).split())
    return line if len(line) <= chars else line[: chars - 3].rstrip() + "..."


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    # Formatting characters, such as those that turn the direction of writing, go without a trace.
    return " " if character.isspace() or ord(character) < 0xA0 else ""  # noqa: PLR2004


_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


def session_name(text: str) -> str:
    """Give the name of a conversation; empty where no program would call one so.

    It stands on a command line later, and must not become an option there.
    """
    return text if _SESSION.fullmatch(text) else ""
