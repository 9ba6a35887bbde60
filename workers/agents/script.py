"""The replay agent's script: what may stand in it, and which steps an attempt plays.

A script is a list of steps, or a list of such lists, one for each attempt (the last one serves all
later attempts too). A step is an object with one key. This module is imported by the player, so it
imports nothing of ours.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

Step = dict[str, object]

RESULT_LINE = "replay: result: "  # what the player says for the step `result` begins with it
_SLEEP_S_MAX = 86_400


def script_defects(script: object) -> tuple[str, ...]:
    """List what is wrong with a script, each in one line that names the place."""
    if not isinstance(script, list):
        return (f"script: {_shown(script)} is not a list of steps",)
    if any(isinstance(item, list) for item in script):
        return tuple(_attempts_defects(script))
    return tuple(_steps_defects(script, "script"))


def steps_of(script: list[object], attempt: int) -> list[Step]:
    """Choose the steps of an attempt (1, 2 ...) from a script without defects."""
    steps: object = script
    if script and isinstance(script[0], list):
        steps = script[min(max(attempt, 1), len(script)) - 1]
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def _attempts_defects(attempts: list[object]) -> Iterator[str]:
    for number, steps in enumerate(attempts):
        if isinstance(steps, list):
            yield from _steps_defects(steps, f"script[{number}]")
        else:
            yield f"script[{number}]: {_shown(steps)} stands among lists of steps; make it one too"


def _steps_defects(steps: list[object], where: str) -> Iterator[str]:
    for number, step in enumerate(steps):
        defect = _step_defect(step)
        if defect:
            yield f"{where}[{number}]: {defect}"


def _step_defect(step: object) -> str:
    if not isinstance(step, dict) or len(step) != 1:
        return f"{_shown(step)} is not an object with one key"
    name, value = next(iter(step.items()))
    if name not in _CHECKS:
        return f"{name!r} is not one of {', '.join(sorted(_CHECKS))}"
    defect = _CHECKS[name](value)
    return f"{name}: {defect}" if defect else ""


def _text(value: object) -> str:
    return "" if isinstance(value, str) else f"{_shown(value)} is not a text"


def _path(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        return f"{_shown(value)} is not a path"
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return f"{value!r} leads out of the worktree; give a path below it"
    return ".git is git's own" if path.parts[0] == ".git" else ""


def _seconds(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and 0 <= value <= _SLEEP_S_MAX:  # type: ignore[operator]  # a number, by the line above
        return ""
    return f"{_shown(value)} is not a number of seconds from 0 to {_SLEEP_S_MAX}"


def _exit_code(value: object) -> str:
    is_code = isinstance(value, int) and not isinstance(value, bool) and value in range(256)
    return "" if is_code else f"{_shown(value)} is not an exit code from 0 to 255"


def _true(value: object) -> str:
    return "" if value is True else f"{_shown(value)} is not true"


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else f"{_shown(value)} is not true or false"


def _signal(value: object) -> str:
    if value is True or (isinstance(value, str) and value in signal.Signals.__members__):
        return ""
    return f"{_shown(value)} is not true, or the name of a signal such as 'SIGSEGV'"


def _command(value: object) -> str:
    is_command = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
    return "" if is_command else f"{_shown(value)} is not a list of texts"


def _fields(
    required: dict[str, Callable[[object], str]],
    optional: dict[str, Callable[[object], str]] | None = None,
) -> Callable[[object], str]:
    """Make a check for an object with these fields."""
    known = {**required, **(optional or {})}

    def check(value: object) -> str:
        if not isinstance(value, dict) or not required.keys() <= value.keys() <= known.keys():
            return f"{_shown(value)} is not an object with {', '.join(known)}"
        defects = (f"{name}: {known[name](value[name])}" for name in value)
        return next((defect for defect in defects if not defect.endswith(": ")), "")

    return check


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004  what fits in a line


_CHECKS: dict[str, Callable[[object], str]] = {
    "append": _fields({"path": _path, "text": _text}),
    "commit": _text,
    "crash": _signal,
    "delete": _path,
    "exit": _exit_code,
    "fork": _fields({}, {"setsid": _flag, "ignore_term": _flag, "sleep_s": _seconds}),
    "hang": _true,
    "ignore_term": _true,
    "insert": _fields({"path": _path, "after": _text, "text": _text}),
    "replace": _fields({"path": _path, "old": _text, "new": _text}),
    "result": _text,
    "run": _command,
    "say": _text,
    "sleep_s": _seconds,
    "write": _fields({"path": _path, "text": _text}),
}
