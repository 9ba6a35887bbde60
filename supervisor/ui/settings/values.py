"""The kinds of value that a setting can have, with their bounds."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ....policies.approval import Point
from ....policies.bounds import AUTO_WORKERS, COUNT_MAX, DAYS_MAX, SECONDS_MAX
from ...prd.defect import quoted
from ...prd.names import SAFE_NAME_RULE, is_safe_name, ref_problem

AUTO = "auto"
POINTS = tuple(point.value for point in Point)
_ALLOWED = ", ".join(f"{name!r}" for name in POINTS)
_SHOWN = 12  # characters of what is no name
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return shlex.split(value)
    except ValueError as error:
        raise ValueError("a quotation in it has no end, close it") from error


def _runnable(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].strip():
        raise ValueError("the first word is the program, write its name")
    if any("\0" in word for word in words):
        raise ValueError("no NUL character is allowed in a command")
    return words


def _shell_commands(commands: tuple[str, ...]) -> tuple[str, ...]:
    if not all(command.strip() for command in commands):
        raise ValueError("no command may be empty")
    if any("\0" in command for command in commands):
        raise ValueError("no NUL character is allowed in a command")
    return commands


def _workers(value: object) -> object:
    if value == AUTO:
        return AUTO_WORKERS
    if isinstance(value, int) and value < 0:
        raise ValueError(f"write how many stories may run at once, 0 for no bound, or {AUTO!r}")
    return value


def _globs(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        if not pattern.strip("/. ") or pattern.startswith("/") or "\0" in pattern:
            message = f"{quoted(pattern)} is no pattern from the repository's root"
            raise ValueError(f"{message}, write one such as 'prds/active/*'")
    return patterns


def _inside(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        if ".." in pattern.split("/"):
            raise ValueError(f"{quoted(pattern)} leads out of the repository, write no '..'")
    return _globs(patterns)


def _variables(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not _VARIABLE.fullmatch(name):
            raise ValueError(
                f"{quoted(_beginning(name))} is no name of an environment variable; write the name"
                " alone, its value comes from your environment"
            )
    return names


def _beginning(text: str) -> str:
    """Show what it is and no more: a key may stand where its name should."""
    name, sign, _ = text.partition("=")
    return f"{name[:_SHOWN]}..." if sign or len(name) > _SHOWN else name


def _in_home(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        inner = pattern.removeprefix("~/")
        if not inner.strip("/. ") or inner.startswith("/") or ".." in inner.split("/"):
            raise ValueError(
                f"{quoted(pattern)} is no path below your HOME; write one such as '.config/tool'"
            )
    return tuple(pattern.removeprefix("~/") for pattern in patterns)


def _ref(name: str) -> str:
    problem = ref_problem(name) if name else ""
    if problem:
        raise ValueError(problem)
    return name


def _points(value: object) -> object:
    """One point stands for a list of one."""
    names = (value,) if value in POINTS else value
    if not isinstance(names, list | tuple):
        raise ValueError(f"write {_ALLOWED}, or a list of them")  # noqa: TRY004  pydantic's word
    for name in names:
        if name not in POINTS:
            raise ValueError(f"{quoted(name)} is no such point; write {_ALLOWED}, or a list")
    return names


def _ends(restart: str) -> str:
    if restart == "permanent":
        raise ValueError(
            "permanent would start again for ever what has done its work; "
            "write transient (after a crash) or temporary (never)"
        )
    return restart


def _line(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("write a text of one line, without blanks around it")
    return text


def _name(text: str) -> str:
    if not is_safe_name(text):
        raise ValueError(SAFE_NAME_RULE)
    return text


# TOML has lists, the settings have tuples: hence not strict. Their items are no less strict.
_Texts = Annotated[tuple[str, ...], Field(strict=False)]
Words = Annotated[_Texts, BeforeValidator(_split), AfterValidator(_runnable)]
Commands = Annotated[_Texts, AfterValidator(_shell_commands)]
Globs = Annotated[_Texts, AfterValidator(_globs)]
InnerGlobs = Annotated[_Texts, AfterValidator(_inside)]
HomePaths = Annotated[_Texts, AfterValidator(_in_home)]
Variables = Annotated[_Texts, AfterValidator(_variables)]
Seconds = Annotated[float, Field(gt=0, le=SECONDS_MAX, allow_inf_nan=False)]
Wait = Annotated[float, Field(ge=0, le=SECONDS_MAX, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=DAYS_MAX, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=COUNT_MAX)]
CountOrNone = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Workers = Annotated[int, BeforeValidator(_workers), Field(le=COUNT_MAX)]
Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[str, AfterValidator(_name)]  # which may become one of a folder
Names = Annotated[tuple[Line, ...], Field(strict=False)]
Points = Annotated[tuple[str, ...], Field(strict=False), BeforeValidator(_points)]
Ref = Annotated[str, AfterValidator(_ref)]
StrategyName = Literal["one_for_one", "one_for_all", "rest_for_one"]
RestartName = Annotated[Literal["transient", "temporary", "permanent"], AfterValidator(_ends)]
