"""The replay agent itself: a program that plays a script in the story's worktree.

It is started by path, without site-packages, and imports only the standard library and what
stands beside it for it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from .part import Circumstances, holds, play_fail, play_limit, play_until, say_word
from .script import RESULT_LINE, Step, script_defects, steps_of
from .script_checks import IF, STEPS_OF_IF

BAD_SCRIPT = 64  # EX_USAGE
_FORK_SLEEP_S = 600.0
CODE_BEFORE, CODE_CHARS = "The code of this review is `", 8


class StepFailedError(Exception):
    """A step that could not be played; the text is one line for people."""


def main(script_path: str, circumstances: str = "{}") -> int:
    """Play the steps of this attempt; a step may end the process in its own way."""
    try:
        script = json.loads(Path(script_path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        _say(f"replay: {script_path}: {error}")
        return BAD_SCRIPT
    defects = script_defects(script)
    if defects:
        _say(f"replay: {defects[0]}")
        return BAD_SCRIPT
    steps = steps_of(script, int(os.environ.get("PRD_SUPERVISE_ATTEMPT", "1")))
    return _play(steps, json.loads(circumstances))


def _play(steps: list[Step], circumstances: Circumstances, where: str = "") -> int:
    for number, step in enumerate(steps, start=1):
        name, value = next(iter(step.items()))
        if isinstance(value, dict) and name == IF:
            code = _play(_chosen(value, circumstances), circumstances, f"{where}{number}.")
            if code:
                return code
            continue
        try:
            _PLAYERS[name](value)
        except (OSError, UnicodeError, StepFailedError) as error:
            _say(f"replay: step {where}{number} ({name}): {error}")
            return 1
    return 0


def _chosen(conditions: dict[str, Any], circumstances: Circumstances) -> list[Step]:
    branch = STEPS_OF_IF[0 if holds(conditions, circumstances) else 1]
    return list(conditions.get(branch, ()))


def _write(value: dict[str, str]) -> None:
    path = _inside(value["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    _put(path, value["text"])


def _append(value: dict[str, str]) -> None:
    path = _inside(value["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(value["text"])


def _insert(value: dict[str, str]) -> None:
    path = _inside(value["path"])
    lines = _get(path).splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.rstrip("\r\n") == value["after"]:
            lines[number] = line if line.endswith("\n") else line + "\n"
            lines.insert(number + 1, value["text"].removesuffix("\n") + "\n")
            _put(path, "".join(lines))
            return
    raise StepFailedError(f"{value['path']} has no line {value['after']!r}")


def _replace(value: dict[str, str]) -> None:
    path = _inside(value["path"])
    text = _get(path)
    if value["old"] not in text:
        raise StepFailedError(f"{value['path']} does not hold {value['old']!r}")
    _put(path, text.replace(value["old"], value["new"]))


def _delete(value: str) -> None:
    _inside(value).unlink()


def _say(value: str) -> None:
    sys.stdout.write(value + "\n")
    sys.stdout.flush()


def _exit(value: int) -> NoReturn:
    sys.exit(value)


def _crash(value: str | bool) -> None:  # noqa: FBT001  JSON's own true
    # A core file would lie in the worktree and look like the agent's work.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    number = signal.SIGKILL if value is True else signal.Signals[str(value)]
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _hang(_value: object) -> NoReturn:
    while True:
        signal.pause()


def _ignore_term(_value: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _fork(value: dict[str, Any]) -> None:
    """Leave a grandchild behind that nobody waits for; go on when it is as it shall be."""
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            _be_left_behind(value, told)
        os._exit(0)
    os.close(told)
    os.waitpid(child, 0)
    pid = os.read(ready, 16).decode()
    os.close(ready)
    _say(f"left behind: {pid}")


def _be_left_behind(value: dict[str, Any], told: int) -> NoReturn:
    if value.get("setsid"):
        os.setsid()
    if value.get("ignore_term"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(told, str(os.getpid()).encode())
    os.close(told)
    time.sleep(value.get("sleep_s", _FORK_SLEEP_S))
    os._exit(0)


def _commit(value: str) -> None:
    _run(["git", "add", "-A"])
    # A machine without an identity must not make the demo fail; the environment's own goes first.
    identity = ["-c", "user.name=replay", "-c", "user.email=replay@localhost"]
    _run(["git", *identity, "-c", "commit.gpgsign=false", "commit", "-q", "-m", value])


def _run(value: list[str]) -> None:
    # subprocess would take a third of the player's start-up time.
    child = os.posix_spawnp(value[0], value, os.environ)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 0:
        raise StepFailedError(f"{' '.join(value)!r} ended with {code}")


def _inside(path: str) -> Path:
    """Follow links, and refuse what they lead to outside of the worktree."""
    worktree = Path.cwd().resolve()
    # Not the file itself: a link in the last place is the agent's own to write or delete.
    whole = (worktree / path).parent.resolve() / Path(path).name
    if not whole.is_relative_to(worktree) or not whole.resolve().is_relative_to(worktree):
        raise StepFailedError(f"{path} leads out of the worktree")
    return whole


def _get(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _put(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


def _answer(value: str) -> None:
    """Say it; `{code}` in it is the code of a review."""
    if "{code}" in value:
        prompt = Path(os.environ["PRD_SUPERVISE_PROMPT_FILE"]).read_text(encoding="utf-8")
        value = value.replace("{code}", prompt.rpartition(CODE_BEFORE)[2][:CODE_CHARS])
    say_word("answer", value)


def _word(name: str) -> Callable[[Any], None]:
    return lambda value: say_word(name, value)


_PLAYERS: dict[str, Callable[[Any], None]] = {
    "activity": _word("activity"),
    "answer": _answer,
    "append": _append,
    "commit": _commit,
    "crash": _crash,
    "delete": _delete,
    "exit": _exit,
    "fail": play_fail,
    "fork": _fork,
    "hang": _hang,
    "ignore_term": _ignore_term,
    "insert": _insert,
    "limit": play_limit,
    "replace": _replace,
    "result": lambda value: _say(RESULT_LINE + value),
    "retry": _word("retry"),
    "run": _run,
    "say": _say,
    "session": _word("session"),
    "sleep_s": time.sleep,
    "until": play_until,
    "usage": _word("usage"),
    "write": _write,
}
