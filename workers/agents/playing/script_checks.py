"""What may stand in one step of the replay agent's script; the player imports it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import PurePosixPath

Check = Callable[[object], str]  # says what is wrong; nothing where nothing is

IF = "if"
STEPS_OF_IF = ("then", "else")
KINDS = (  # of ends that a real agent can come to by itself, in the words of OutcomeKind
    "auth",
    "billing",
    "context",
    "failed",
    "incomplete",
    "permanent",
    "rate_limited",
    "transient",
)
_SLEEP_S_MAX = 86_400


def shown(value: object) -> str:
    """A foreign value, short enough for a line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004  what fits in a line


def _text(value: object) -> str:
    return "" if isinstance(value, str) else f"{shown(value)} is not a text"


def _path(value: object) -> str:
    defect = _place(value)
    if defect:
        return defect
    path = PurePosixPath(str(value))
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return f"{value!r} leads out of the worktree; give a path below it"
    return ".git is git's own" if path.parts[0] == ".git" else ""


def _place(value: object) -> str:
    """Anywhere: it is only looked for."""
    is_path = isinstance(value, str) and value and "\0" not in value
    return "" if is_path else f"{shown(value)} is not a path"


def _number(low: float, high: float, what: str) -> Check:
    def check(value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and low <= value <= high:  # type: ignore[operator]  # a number, by the line above
            return ""
        return f"{shown(value)} is not {what} from {low:.10g} to {high:.10g}"

    return check


def _whole(low: int, high: int, what: str) -> Check:
    def check(value: object) -> str:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and low <= value <= high:  # type: ignore[operator]  # a number, by the line above
            return ""
        return f"{shown(value)} is not {what} from {low} to {high}"

    return check


def _true(value: object) -> str:
    return "" if value is True else f"{shown(value)} is not true"


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else f"{shown(value)} is not true or false"


def _signal(value: object) -> str:
    if value is True or (isinstance(value, str) and value in signal.Signals.__members__):
        return ""
    return f"{shown(value)} is not true, or the name of a signal such as 'SIGSEGV'"


def _command(value: object) -> str:
    is_command = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
    return "" if is_command else f"{shown(value)} is not a list of texts"


def _kind(value: object) -> str:
    return "" if value in KINDS else f"{shown(value)} is not one of {', '.join(KINDS)}"


def _steps(value: object) -> str:
    return "" if isinstance(value, list) else f"{shown(value)} is not a list of steps"


def _fields(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """Make a check for an object with these fields."""
    known = {**required, **(optional or {})}

    def check(value: object) -> str:
        if not isinstance(value, dict) or not required.keys() <= value.keys() <= known.keys():
            return f"{shown(value)} is not an object with {', '.join(known)}"
        defects = (f"{name}: {known[name](value[name])}" for name in value)
        return next((defect for defect in defects if not defect.endswith(": ")), "")

    return check


_seconds = _number(0, _SLEEP_S_MAX, "a number of seconds")
_exit_code = _whole(0, 255, "an exit code")
_tokens = _whole(0, 1_000_000_000_000, "a number")
_status = _whole(100, 599, "a status of HTTP")
_OF_AN_END = {"in_s": _seconds, "stays": _flag, "exit": _exit_code}

CHECKS: dict[str, Check] = {
    "activity": _text,
    "answer": _text,
    "append": _fields({"path": _path, "text": _text}),
    "commit": _text,
    "crash": _signal,
    "delete": _path,
    "exit": _exit_code,
    "fail": _fields({"kind": _kind}, {"message": _text, "status": _status, **_OF_AN_END}),
    "fork": _fields({}, {"setsid": _flag, "ignore_term": _flag, "sleep_s": _seconds}),
    "hang": _true,
    IF: _fields(
        {"then": _steps},
        {
            "else": _steps,
            "exists": _place,
            "missing": _place,
            "resumed": _flag,
            "review": _flag,
            "agent": _text,
            "model": _text,
        },
    ),
    "ignore_term": _true,
    "insert": _fields({"path": _path, "after": _text, "text": _text}),
    "limit": _fields({}, {"message": _text, "warning": _number(0, 1, "a share"), **_OF_AN_END}),
    "replace": _fields({"path": _path, "old": _text, "new": _text}),
    "result": _text,
    "retry": _fields({}, {"delay_s": _seconds, "status": _status, "reason": _text}),
    "run": _command,
    "say": _text,
    "session": _text,
    "sleep_s": _seconds,
    "until": _fields({}, {"exists": _place, "missing": _place}),
    "usage": _fields(
        {},
        {
            "input_tokens": _tokens,
            "cached_tokens": _tokens,
            "output_tokens": _tokens,
            "cost_usd": _number(0, 1_000_000, "US dollars"),
            "requests": _tokens,
            "tokens_are_of_session": _flag,
            "cost_is_of_session": _flag,
        },
    ),
    "write": _fields({"path": _path, "text": _text}),
}
