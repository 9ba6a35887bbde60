"""Tools, what they answer, and what was used, in few words: each agent has names of its own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from .....workers.agents.jsonline import at, objects_at, text_at
from ...words.times import spoken
from .pieces import Kind, Piece

RESULT_LINES = 3  # of a command's output its end is shown: that is where tests say how it went
ERROR_LINES = 8
_COMMAND_CHARS = 4096  # a longer command is shown with its shell before it
_ARGUMENT_CHARS = 160
_WORKTREES = "/.prd-supervise/worktrees/"
_WORKTREE = re.compile(r"[^/\s'\"]{1,200}/?")
_BEFORE_PATHS = " \t\n'\"=:(["
_SHELL = re.compile(r"(?:/[\w./-]{1,64}/)?(?:ba|z|da|k)?sh -l?c ")
_SHELLS = frozenset({"Bash", "bash", "shell", "run_shell_command", "BashOutput", "exec"})
_READERS = frozenset(
    "Read Grep Glob LS NotebookRead ToolSearch WebFetch WebSearch "
    "read_file read_many_files list_directory grep_search search_file_content glob tool_search "
    "web_fetch google_web_search read grep list webfetch".split()
)
_WRITERS = frozenset(
    "Write Edit MultiEdit NotebookEdit TodoWrite write_file edit replace todo_write "
    "write patch todowrite".split()
)
_ARGUMENTS = (
    "file_path filePath absolute_path notebook_path path dir_path pattern query url "
    "description prompt name skill"
).split()


def short_path(text: str) -> str:
    """The text without the way to the story's worktree."""
    if _WORKTREES not in text:
        return text
    head, *others = text.split(_WORKTREES)
    shown = []
    for other in others:
        begin = max(map(head.rfind, _BEFORE_PATHS)) + 1
        shown.append(head[:begin])
        name = _WORKTREE.match(other)
        end = name.end() if name is not None else 0
        head = other[end:] if other[:end].endswith("/") else f".{other[end:]}"
    return "".join((*shown, head))


def tool(name: str, given: object) -> str:
    """A tool with what it was called for, in one line."""
    command = text_at(given, "command")
    if command and (name in _SHELLS or name == "command"):
        return shell(command)
    argument = next((text for key in _ARGUMENTS if (text := text_at(given, key))), "")
    words = [f"> {name or 'a tool'}", _first_line(short_path(argument or command)), _size(given)]
    return " ".join(filter(None, words))


def shell(command: str) -> str:
    """A command as it would be typed."""
    return f"$ {_first_line(short_path(_unwrapped(command)))}"


def result(name: str, text: str, *, is_error: bool = False) -> Iterator[Piece]:
    """What a tool answered, in short."""
    lines = [line for line in text.split("\n") if line.strip()]
    if is_error:
        yield Piece(Kind.ERROR, _end(lines, ERROR_LINES) or "it failed")
    elif name in _READERS and len(lines) > 1:
        yield Piece(Kind.RESULT, f"{len(lines)} lines")
    elif lines and name not in _WRITERS:
        yield Piece(Kind.RESULT, short_path(_end(lines, RESULT_LINES)))


def ended(
    *,
    seconds: float | None = None,
    turns: int = 0,
    sent: int = 0,
    cached: int = 0,
    answered: int = 0,
    usd: float | None = None,
) -> str:
    """What a run took, as far as it says so."""
    words = []
    if seconds is not None:
        words.append(spoken(seconds))
    if turns:
        words.append(f"{turns} turn{'s' * (turns != 1)}")
    if sent or answered:
        of_these = f" ({cached:,} cached)" if cached else ""
        words.append(f"{sent:,} tokens in{of_these}, {answered:,} out")
    if usd:
        words.append(f"${usd:.4f}" if usd < 1 else f"${usd:.2f}")
    return f"done: {', '.join(words)}" if words else "done"


def prompt(text: str) -> str:
    """What the agent was told, in one line."""
    return f"prompt: {_first_line(text.strip())}"


def plan(items: object, *, is_done: str, words: str) -> str:
    """A list of things to do: how far it is, and what is next."""
    listed = objects_at({"items": items}, "items")
    open_ = [each for each in listed if not _is_done(at(each, is_done))]
    going = _first_line(text_at(open_[0], words)) if open_ else ""
    done = f"> plan: {len(listed) - len(open_)} of {len(listed)} done"
    return f"{done}, next: {going}" if going else done


def _is_done(told: object) -> bool:
    return told is True or told == "completed"


def _size(given: object) -> str:
    old = text_at(given, "old_string") or text_at(given, "oldString")
    new = text_at(given, "new_string") or text_at(given, "newString")
    content = text_at(given, "content")
    if old or new:
        return f"(+{_count(new)} -{_count(old)})"
    return f"({_count(content)} line{'s' * (_count(content) != 1)})" if content else ""


def _count(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n")) if text else 0


def _unwrapped(command: str) -> str:
    """The command without the shell that it is given to."""
    if len(command) > _COMMAND_CHARS or _SHELL.match(command) is None:
        return command
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    return words[2] if len(words) == 3 else command  # noqa: PLR2004  sh, -c, and the command


def _first_line(text: str) -> str:
    first, _, rest = text.strip().partition("\n")
    if len(first) > _ARGUMENT_CHARS:
        first = first[: _ARGUMENT_CHARS - 3].rstrip() + "..."
    more = _count(rest)
    return f"{first} (+{more} line{'s' * (more != 1)})" if more else first


def _end(lines: list[str], count: int) -> str:
    left = len(lines) - count
    shown = lines[-count:]
    return "\n".join([f"... {left} lines", *shown] if left > 1 else lines)
