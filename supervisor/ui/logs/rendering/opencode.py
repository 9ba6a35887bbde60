"""What opencode's events say, and those lines of its log that matter to people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .....workers.agents.jsonline import Json, at, count_at, number_at, text_at
from .pieces import Kind, Piece
from .wording import ended, plan, result, tool

_TYPES = frozenset({"step_start", "step_finish", "text", "reasoning", "tool_use", "error"})
_LOG = re.compile(r"timestamp=\S{1,40} level=([A-Z]{1,8}) ")
_SAYS = re.compile(r' (?:error|error\.error|cause|message)=("(?:[^"\\]|\\.){0,2000}|\S{0,2000})')
_GOES_ON = frozenset({"tool-calls", "unknown", ""})


class OpencodeEvents:
    """Follows one run of it; it tells by steps what it has used, and the last one is not marked."""

    def __init__(self) -> None:
        self._sent = self._cached = self._answered = 0
        self._usd = 0.0

    @staticmethod
    def speaks(said: Json) -> bool:
        """Say whether this is an event of its own."""
        return text_at(said, "type") in _TYPES and isinstance(at(said, "sessionID"), str)

    def pieces(self, said: Json) -> Iterator[Piece]:
        """Say what an event comes to."""
        match said.get("type"):
            case "text" if text_at(said, "part", "text").strip():
                yield Piece(Kind.SAID, text_at(said, "part", "text"))
            case "reasoning" if text_at(said, "part", "text").strip():
                yield Piece(Kind.THOUGHT, text_at(said, "part", "text"))
            case "tool_use":
                yield from _of_tool(at(said, "part"))
            case "step_finish":
                yield from self._of_step(at(said, "part"))
            case "error":
                name = text_at(said, "error", "name")
                text = text_at(said, "error", "data", "message") or name or "it failed"
                status = count_at(said, "error", "data", "statusCode")
                yield Piece(Kind.ERROR, f"{status} {text}" if status else text)

    def _of_step(self, part: object) -> Iterator[Piece]:
        read = count_at(part, "tokens", "cache", "read")
        self._cached += read
        self._sent += read + count_at(part, "tokens", "input")
        self._sent += count_at(part, "tokens", "cache", "write")
        self._answered += count_at(part, "tokens", "output")
        self._answered += count_at(part, "tokens", "reasoning")
        self._usd += max(0.0, number_at(part, "cost") or 0.0)
        reason = text_at(part, "reason")
        if reason in _GOES_ON:
            return
        words = ended(sent=self._sent, cached=self._cached, answered=self._answered, usd=self._usd)
        is_whole = reason == "stop"
        text = words if is_whole else f"{words.replace('done', 'ended', 1)}, because of {reason}"
        yield Piece(Kind.NOTE if is_whole else Kind.WARNING, text)


def _of_tool(part: object) -> Iterator[Piece]:
    name, state = text_at(part, "tool"), at(part, "state")
    todos = at(state, "input", "todos")
    if name == "todowrite" and isinstance(todos, list):
        yield Piece(Kind.TOOL, plan(todos, is_done="status", words="content"))
        return
    yield Piece(Kind.TOOL, tool(name, at(state, "input")))
    is_error = text_at(state, "status") == "error"
    text = text_at(state, "error") if is_error else text_at(state, "output")
    yield from result(name, text, is_error=is_error)


def of_opencode_log(line: str) -> tuple[Piece, ...] | None:
    """What a line of its log comes to; None where it is none."""
    level = _LOG.match(line)
    if level is None:
        return None
    if level[1] not in {"ERROR", "WARN"}:
        return ()
    found = _SAYS.search(line)
    text = found[1].strip('"').replace('\\"', '"') if found else line
    return (Piece(Kind.ERROR if level[1] == "ERROR" else Kind.WARNING, text),)
