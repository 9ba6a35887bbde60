"""What Gemini CLI says in stream-json: its texts come in pieces, which are put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .....workers.agents.jsonline import Json, at, count_at, json_object, number_at, text_at
from .pieces import Kind, Piece
from .wording import ended, prompt, result, tool

_TYPES = frozenset({"init", "message", "tool_use", "tool_result", "error", "result"})
_CALLS_MAX = 256  # remembered, until their results come
_HELD_CHARS = 64 << 10  # of a line that has not ended yet
_NOISE = re.compile(
    r"(?:Warning: (?:Basic terminal|256-color)|YOLO mode is enabled|Ripgrep is not available"
    r"|\[STARTUP\] |Loaded cached credentials|Approval mode overridden)"
)
_RETRY = re.compile(r"Attempt (\d{1,4}) failed(?: with status (\d{3}))?\. Retrying")
_LAST_TRY = re.compile(r"Attempt \d{1,4} failed: .{0,2000}Max attempts reached")
_FRAME = re.compile(r"    at .{1,300}(?:@google/gemini-cli/|node:internal/process/task_queues)")
_DUMP_LINES_MAX = 40  # of the members of an error, which follow its stack


class GeminiEvents:
    """Follows one run of it."""

    def __init__(self) -> None:
        self._tools: dict[str, str] = {}
        self._held = ""  # the begin of a line that goes on
        self._dump_lines = 0  # of an error's members, as many as may still come

    @staticmethod
    def speaks(said: Json) -> bool:
        """Say whether this is an event of its own."""
        return text_at(said, "type") in _TYPES and isinstance(at(said, "timestamp"), str)

    def pieces(self, said: Json) -> Iterator[Piece]:
        """Say what an event comes to."""
        if text_at(said, "type") == "message" and text_at(said, "role") == "assistant":
            yield from self._of_text(text_at(said, "content"), is_part=at(said, "delta") is True)
            return
        yield from self.rest()
        match said.get("type"):
            case "init":
                yield Piece(Kind.NOTE, f"{text_at(said, 'model') or 'begins'}, Gemini CLI")
            case "message":
                yield Piece(Kind.NOTE, prompt(text_at(said, "content")))
            case "tool_use":
                name = text_at(said, "tool_name")
                if len(self._tools) < _CALLS_MAX:
                    self._tools[text_at(said, "tool_id")] = name
                yield Piece(Kind.TOOL, tool(name, said.get("parameters")))
            case "tool_result":
                name = self._tools.pop(text_at(said, "tool_id"), "")
                is_error = text_at(said, "status") == "error"
                text = text_at(said, "error", "message") if is_error else ""
                yield from result(name, text or text_at(said, "output"), is_error=is_error)
            case "error":
                is_error = text_at(said, "severity") == "error"
                kind = Kind.ERROR if is_error else Kind.WARNING
                yield Piece(kind, text_at(said, "message"))
            case "result":
                yield from _of_result(said)

    def rest(self) -> Iterator[Piece]:
        """Say what was held back: its end has not come."""
        held, self._held = self._held, ""
        if held.strip():
            yield Piece(Kind.SAID, held)

    def of_text(self, line: str) -> tuple[Piece, ...] | None:
        """What a line beside its events comes to; None where it is another's."""
        if self._dump_lines:
            self._dump_lines = 0 if line == "}" else self._dump_lines - 1
            return ()
        if line.startswith("Error when talking to Gemini API"):
            return (Piece(Kind.ERROR, line),)
        if _FRAME.match(line):
            self._dump_lines = _DUMP_LINES_MAX if line.endswith("{") else 0
            return ()
        retry = _RETRY.match(line)
        if retry is None and _LAST_TRY.match(line):
            return (Piece(Kind.ERROR, line),)
        if retry is None:
            return () if _NOISE.match(line) else None
        why = f" ({retry[2]})" if retry[2] else ""
        return (Piece(Kind.WARNING, f"try {retry[1]} failed{why}, it tries again"),)

    def _of_text(self, text: str, *, is_part: bool) -> Iterator[Piece]:
        whole, _, self._held = (self._held + text).rpartition("\n")
        if whole.strip():
            yield Piece(Kind.SAID, whole)
        if not is_part or len(self._held) > _HELD_CHARS:
            yield from self.rest()


def _of_result(said: Json) -> Iterator[Piece]:
    is_ok = text_at(said, "status") == "success"
    if not is_ok:
        error = text_at(said, "error", "message")
        told = json_object(error.removesuffix("]"))  # [API Error: {...}]
        text = text_at(told, "error", "message")
        code = count_at(told, "error", "code") or ""
        yield Piece(Kind.ERROR, f"{code} {text}".strip() if text else error or "it failed")
    stats = at(said, "stats")
    milliseconds = number_at(stats, "duration_ms")
    words = ended(
        seconds=None if not milliseconds else milliseconds / 1000,
        sent=count_at(stats, "input_tokens"),
        cached=count_at(stats, "cached"),
        answered=count_at(stats, "output_tokens"),
    )
    yield Piece(Kind.NOTE, words if is_ok else words.replace("done", "ended", 1))
