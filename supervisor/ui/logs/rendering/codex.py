"""What Codex says in `codex exec --json`."""

from __future__ import annotations

from collections.abc import Iterator

from .....workers.agents.jsonline import Json, at, count_at, json_object, objects_at, text_at
from .pieces import Kind, Piece
from .wording import ended, plan, result, shell, short_path

_TYPES = frozenset(
    "thread.started turn.started turn.completed turn.failed "
    "item.started item.updated item.completed".split()
)
_RETRIES = ("reconnecting", "stream error", "stream disconnected")


class CodexEvents:
    """Follows one run of it."""

    def __init__(self) -> None:
        self._error = ""  # the last one: the turn's failure repeats it

    @staticmethod
    def speaks(said: Json) -> bool:
        """Say whether this is an event of its own."""
        kind = text_at(said, "type")
        return kind in _TYPES or (kind == "error" and set(said) == {"type", "message"})

    def pieces(self, said: Json) -> Iterator[Piece]:
        """Say what an event comes to."""
        match said.get("type"):
            case "item.started" if text_at(said, "item", "type") == "command_execution":
                yield Piece(Kind.TOOL, shell(text_at(said, "item", "command")))
            case "item.completed":
                yield from _of_item(said.get("item"))
            case "item.started" | "item.updated":
                yield from _of_begun(said.get("item"))
            case "error":
                yield from self._of_error(text_at(said, "message"))
            case "turn.failed":
                yield from self._of_error(text_at(said, "error", "message"))
            case "turn.completed":
                usage = at(said, "usage")
                words = ended(
                    sent=count_at(usage, "input_tokens"),
                    cached=count_at(usage, "cached_input_tokens"),
                    answered=count_at(usage, "output_tokens"),
                )
                yield Piece(Kind.NOTE, words)

    def _of_error(self, message: str) -> Iterator[Piece]:
        told = json_object(message) if message.lstrip().startswith("{") else None
        text = text_at(told, "error", "message") or text_at(told, "message") or message
        if text == self._error:
            return
        self._error = text
        is_retry = text.lower().startswith(_RETRIES)
        yield Piece(Kind.WARNING if is_retry else Kind.ERROR, text or "it failed")


def _of_begun(item: object) -> Iterator[Piece]:
    match text_at(item, "type"):
        case "mcp_tool_call":
            name = f"{text_at(item, 'server')}.{text_at(item, 'tool')}"
            yield Piece(Kind.TOOL, f"> {name}")
        case "todo_list":
            yield Piece(Kind.TOOL, plan(at(item, "items"), is_done="completed", words="text"))


def _of_item(item: object) -> Iterator[Piece]:
    match text_at(item, "type"):
        case "agent_message":
            yield Piece(Kind.SAID, text_at(item, "text"))
        case "reasoning":
            yield Piece(Kind.THOUGHT, text_at(item, "text"))
        case "command_execution":
            yield from _of_command(item)
        case "file_change":
            yield from _of_change(item)
        case "mcp_tool_call":
            error = text_at(item, "error", "message") or text_at(item, "error")
            if error or text_at(item, "status") == "failed":
                yield Piece(Kind.ERROR, error or "the tool failed")
        case "web_search":
            yield Piece(Kind.TOOL, f"> search {text_at(item, 'query')}")
        case "error":
            yield Piece(Kind.WARNING, text_at(item, "message"))


def _of_command(item: object) -> Iterator[Piece]:
    code = at(item, "exit_code")
    is_error = text_at(item, "status") in {"failed", "declined"} or not (code is None or code == 0)
    text = text_at(item, "aggregated_output")
    if is_error:
        how = f"exit code {code}" if isinstance(code, int) else "not run"
        text = f"{text.rstrip()}\n{how}"
    yield from result("shell", text, is_error=is_error)


def _of_change(item: object) -> Iterator[Piece]:
    for change in objects_at(item, "changes"):
        kind = text_at(change, "kind") or "change"
        yield Piece(Kind.TOOL, f"> {kind} {short_path(text_at(change, 'path'))}")
    if text_at(item, "status") == "failed":
        yield Piece(Kind.ERROR, "the change could not be made")
