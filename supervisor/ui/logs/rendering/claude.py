"""What Claude Code and Qwen Code say in stream-json: both speak in the messages of one API."""

from __future__ import annotations

from collections.abc import Iterator

from .....workers.agents.jsonline import (
    Json,
    at,
    count_at,
    is_true_at,
    number_at,
    objects_at,
    text_at,
    texts_at,
)
from .pieces import Kind, Piece
from .wording import ended, plan, prompt, result, tool

_TYPES = frozenset({"system", "assistant", "user", "result", "stream_event", "rate_limit_event"})
_OF_A_HELPER = "  | "
_CALLS_MAX = 256  # remembered, until their results come
_PLANS = frozenset({"TodoWrite", "todo_write"})


class Messages:
    """Follows one run of either."""

    def __init__(self) -> None:
        self._tools: dict[str, str] = {}  # by the id of a call
        self._said = ""  # the last text: a result repeats it
        self._folder = ""  # where it works: files there are shown by their short names

    @staticmethod
    def speaks(said: Json) -> bool:
        """Say whether this is a message of theirs."""
        return text_at(said, "type") in _TYPES and ("session_id" in said or "message" in said)

    def pieces(self, said: Json) -> Iterator[Piece]:
        """Say what a message comes to."""
        match said.get("type"):
            case "system":
                self._folder = text_at(said, "cwd") or self._folder
                yield from _of_system(said)
            case "assistant" | "user":
                indent = _OF_A_HELPER if text_at(said, "parent_tool_use_id") else ""
                for piece in self._of_message(said):
                    yield Piece(piece.kind, piece.text, indent)
            case "rate_limit_event" if text_at(said, "rate_limit_info", "status") != "allowed":
                info = at(said, "rate_limit_info")
                name, status = text_at(info, "rateLimitType"), text_at(info, "status")
                yield Piece(Kind.WARNING, f"usage limit {name}: {status.replace('_', ' ')}")
            case "result":
                yield from self._of_result(said)

    def _of_message(self, said: Json) -> Iterator[Piece]:
        is_agent = said.get("type") == "assistant"
        content = at(said, "message", "content")
        parts = objects_at(said, "message", "content")
        if isinstance(content, str):
            parts = ({"type": "text", "text": content},)
        for part in parts:
            match part.get("type"):
                case "text":
                    yield from self._of_text(said, text_at(part, "text"), is_agent=is_agent)
                case "thinking" if text_at(part, "thinking").strip():
                    yield Piece(Kind.THOUGHT, text_at(part, "thinking"))
                case "tool_use":
                    yield Piece(Kind.TOOL, self._called(part))
                case "tool_result":
                    name = self._tools.pop(text_at(part, "tool_use_id"), "")
                    is_error = is_true_at(part, "is_error")
                    text = self._short(_text_of(part.get("content")))
                    yield from result(name, text, is_error=is_error)

    def _of_text(self, said: Json, text: str, *, is_agent: bool) -> Iterator[Piece]:
        if not text.strip():
            return
        if not is_agent:
            yield Piece(Kind.NOTE, prompt(text))
            return
        self._said = text
        is_error = text_at(said, "error") or text.startswith("[API Error: ")
        yield Piece(Kind.ERROR if is_error else Kind.SAID, text)

    def _called(self, part: Json) -> str:
        name = text_at(part, "name")
        if len(self._tools) < _CALLS_MAX:
            self._tools[text_at(part, "id")] = name
        todos = at(part, "input", "todos")
        if name in _PLANS and isinstance(todos, list):
            return plan(todos, is_done="status", words="content")
        return self._short(tool(name, part.get("input")))

    def _short(self, text: str) -> str:
        return text.replace(f"{self._folder}/", "") if len(self._folder) > 1 else text

    def _of_result(self, said: Json) -> Iterator[Piece]:
        text = text_at(said, "result") or "; ".join(texts_at(said, "errors"))
        subtype = text_at(said, "subtype")
        is_ok = subtype == "success" and not is_true_at(said, "is_error")
        if text.strip() and text.strip() != self._said.strip():
            yield Piece(Kind.SAID if is_ok else Kind.ERROR, text)
        elif not is_ok and not text:
            yield Piece(Kind.ERROR, subtype.replace("_", " ") or "it failed")
        denied = {text_at(each, "tool_name") for each in objects_at(said, "permission_denials")}
        if denied:
            yield Piece(Kind.WARNING, f"not allowed: {', '.join(sorted(denied))}")
        usage, milliseconds = at(said, "usage"), number_at(said, "duration_ms")
        cached = count_at(usage, "cache_read_input_tokens")
        sent = count_at(usage, "input_tokens") + count_at(usage, "cache_creation_input_tokens")
        # Anthropic counts what was cached apart; Qwen among what was sent.
        is_apart = "total_tokens" not in (usage if isinstance(usage, dict) else {})
        words = ended(
            seconds=None if milliseconds is None else milliseconds / 1000,
            turns=count_at(said, "num_turns"),
            sent=sent + cached if is_apart else sent,
            cached=cached,
            answered=count_at(usage, "output_tokens"),
            usd=number_at(said, "total_cost_usd"),
        )
        yield Piece(Kind.NOTE, words if is_ok else words.replace("done", "ended", 1))


def _of_system(said: Json) -> Iterator[Piece]:
    match said.get("subtype"):
        case "init":
            version = text_at(said, "claude_code_version") or text_at(said, "qwen_code_version")
            program = "Claude Code" if "claude_code_version" in said else "Qwen Code"
            words = (text_at(said, "model"), f"{program} {version}" if version else "")
            yield Piece(Kind.NOTE, ", ".join(filter(None, words)) or "begins")
        case "api_retry":
            wait = (number_at(said, "retry_delay_ms") or 0.0) / 1000
            number, most = count_at(said, "attempt"), count_at(said, "max_retries")
            status, error = count_at(said, "error_status") or "", text_at(said, "error")
            why = f"{status} {error.replace('_', ' ')}".strip() or "no connection"
            text = f"{why}: tries again in {wait:.1f} s ({number} of {most})"
            yield Piece(Kind.WARNING, text)
        case "permission_denied":
            yield Piece(Kind.WARNING, f"not allowed: {text_at(said, 'tool_name') or 'a tool'}")
        case "compact_boundary":
            yield Piece(Kind.NOTE, "the conversation so far is summed up")


def _text_of(content: object) -> str:
    if isinstance(content, str):
        return text_at({"text": content}, "text")
    return "\n".join(text_at(part, "text") for part in objects_at({"all": content}, "all"))
