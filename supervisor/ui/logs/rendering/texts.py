"""Lines that bear no event: aider's, and those of the agent that replays a script."""

from __future__ import annotations

import re

from .....workers.agents.jsonline import Json, count_at, json_object, number_at, text_at
from .....workers.agents.playing.script import RESULT_LINE, WORD_LINE
from .pieces import Kind, Piece
from .wording import ended

_TOKENS = re.compile(r"Tokens: .{1,200}\breceived\.")
_AIDER_ERROR = re.compile(r"litellm\.[A-Za-z.]{1,60}: ")
_AIDER_DOES = re.compile(r"(?:Applied edit to|Commit [0-9a-f]{7,40}|Added|Creating empty file) ")

_WORDS = {  # of the replay agent, each with how it is shown
    "activity": (Kind.TOOL, "> "),
    "answer": (Kind.SAID, ""),
    "session": (Kind.NOTE, "session "),
    "retry": (Kind.WARNING, ""),
    "limit": (Kind.WARNING, ""),
    "fail": (Kind.ERROR, ""),
}


def of_aider(line: str) -> tuple[Piece, ...] | None:
    """What a line that aider writes itself comes to; None where it is another's."""
    if _TOKENS.match(line):
        return (Piece(Kind.NOTE, line),)
    if _AIDER_ERROR.match(line):
        return (Piece(Kind.ERROR, line),)
    if line.startswith("Retrying in "):
        return (Piece(Kind.WARNING, line),)
    return (Piece(Kind.TOOL, f"> {line}"),) if _AIDER_DOES.match(line) else None


def of_replay(line: str) -> tuple[Piece, ...] | None:
    """What a line of the replay agent's own comes to; None where it is its work's."""
    if line.startswith(RESULT_LINE):
        return (Piece(Kind.SAID, line.removeprefix(RESULT_LINE)),)
    said = json_object(line) if line.startswith(WORD_LINE) else None
    if said is None:
        return None
    for name, (kind, mark) in _WORDS.items():
        if name in said:
            text = text_at(said, name) or text_at(said, name, "text")
            return (Piece(kind, mark + (text or text_at(said, name, "reason") or name)),)
    return (Piece(Kind.NOTE, _used(said)),) if "usage" in said else None


def _used(said: Json) -> str:
    cached = count_at(said, "usage", "cached_tokens")
    words = ended(
        sent=cached + count_at(said, "usage", "input_tokens"),
        cached=cached,
        answered=count_at(said, "usage", "output_tokens"),
        usd=number_at(said, "usage", "cost_usd"),
    )
    return words.replace("done", "so far", 1)
