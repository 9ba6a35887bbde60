"""The settings that `init` writes: what was guessed, beside each line why, the rest as comments."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ....policies.sizes import size_text
from ...shell.lines import safe
from .guess import Guess
from .guessing import Guesses
from .machine import Machine

AGENTS = ("claude", "codex", "gemini", "opencode", "qwen", "aider")  # the best known first
_HEAD = """\
# Settings of prd-supervise, guessed by `prd-supervise init`: look at each line. What is not said
# here has a sensible default; docs/configuration.md of prd-supervise has all keys."""
_GIB = 1 << 30
_QUARTER = _GIB // 4
_SHARE = 0.7  # of the memory may go to stories at their ceilings
_WORKERS, _HIGH = 3, 4 * _GIB  # the defaults
_LEAST = 3 * _GIB // 2  # an agent and a build want that much


def settings_text(guesses: Guesses, machine: Machine) -> str:
    """The whole file."""
    parts = [
        _HEAD,
        _at_once(machine.memory_bytes),
        _agent(machine),
        _verify(guesses, machine),
        _worktree(guesses, machine),
        _limits(machine.memory_bytes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def has_verify(guesses: Guesses, machine: Machine) -> bool:
    """Say whether the settings will have a verify command."""
    return any(_is_here(each, machine) for each in guesses.verify)


def notes(guesses: Guesses, machine: Machine) -> list[str]:
    """What is to be told besides: what is missing, what has to be done first."""
    told = list(guesses.notes)
    if not guesses.verify:
        told.append("no verify command was found: write what shows that a story is done")
    missing: dict[str, list[str]] = {}
    for each in (*guesses.setup, *guesses.verify):
        if not _is_here(each, machine):
            missing.setdefault(_missing(each), []).append(f"`{each.line}`")
    told += [
        f"{why}: {', '.join(lines)} {'is a comment' if len(lines) == 1 else 'are comments'}"
        for why, lines in missing.items()
    ]
    open_folders = _not_ignored(guesses.setup, machine)
    if open_folders:
        names = ", ".join(open_folders)
        which = "it" if len(open_folders) == 1 else "them"
        told.append(
            f"git does not ignore {names}: add {which} to .gitignore, or stories commit {which}"
        )
    return told


def _at_once(memory_bytes: int) -> str:
    workers, _ = ceilings_for(memory_bytes)
    if workers == _WORKERS:
        return ""
    shown = size_text(memory_bytes)
    return f"max_workers = {workers}  # stories at once in a PRD; because there are {shown}"


def _agent(machine: Machine) -> str:
    here = [name for name in AGENTS if machine.has_program(name)]
    lines = [
        "[agent]",
        "# What works on a story: claude, codex, gemini, opencode, qwen or aider. `prd-supervise",
        f"# doctor --agent {here[0] if here else 'claude'}` tries it.",
    ]
    if here:
        others = f"; {', '.join(here[1:])}, too" if here[1:] else ""
        lines.append(f'use = "{here[0]}"  # because it is on PATH{others}')
    else:
        lines.append('# use = "claude"  # none of them is on PATH here')
    lines += [
        "# Or any command of yours, which gets the prompt on its standard input:",
        '# command = ["./agent.sh"]',
    ]
    return "\n".join(lines)


def _verify(guesses: Guesses, machine: Machine) -> str:
    head = [
        "[verify]",
        "# What shows that a story is done, where neither the story nor its PRD says it: each by",
        "# /bin/sh -c in the story's worktree, and again on the merged tree.",
    ]
    if not has_verify(guesses, machine):
        lines = _comments("commands", guesses.verify)
        lines = lines or ['# commands = ["make test"]  # nothing was found']
        return "\n".join([*head, *lines])
    return "\n".join([*head, *_list("commands", guesses.verify, machine)])


def _worktree(guesses: Guesses, machine: Machine) -> str:
    made = [each for each in guesses.setup if _is_here(each, machine)]
    doubtful = [each for each in guesses.doubtful if _is_here(each, machine)]
    if not made and not doubtful and not guesses.setup:
        return ""
    head = ["[worktree]", "# What a fresh worktree needs before anybody works in it."]
    if not made and not doubtful:
        return "\n".join([*head, *_comments("setup", guesses.setup)])
    if not made:
        line = doubtful[0].line
        head.append("# If the verify commands do not make their environment themselves:")
        return "\n".join([*head, f"# setup = [{json.dumps(line)}]"])
    lines = [*head, *_list("setup", guesses.setup, machine)]
    lines += [
        f"# git does not ignore {name}: add it to .gitignore, or stories commit it."
        for name in _not_ignored(made, machine)
    ]
    locks = list(dict.fromkeys(lock for each in made for lock in each.locks))
    if locks:
        lines.append(
            f"setup_when = {json.dumps(locks)}  # once more, when one of these has changed"
        )
    return "\n".join(lines)


def _list(key: str, guesses: Sequence[Guess], machine: Machine) -> list[str]:
    lines = [f"{key} = ["]
    for each in guesses:
        if _is_here(each, machine):
            lines.append(f"    {_quoted(each.line)},  # because {safe(each.because)}")
        else:
            lines.append(
                f"    # {_quoted(each.line)},  # {safe(each.because)}, but {_missing(each)}"
            )
    return [*lines, "]"]


def _comments(key: str, guesses: Sequence[Guess]) -> list[str]:
    lines = [
        f"#     {_quoted(each.line)},  # {safe(each.because)}, but {_missing(each)}"
        for each in guesses
    ]
    return [f"# {key} = [", *lines, "# ]"] if lines else []


def _limits(memory_bytes: int) -> str:
    workers, high = ceilings_for(memory_bytes)
    shown = size_text(memory_bytes)
    lines = [
        "[limits]",
        "# Of each story, agent and all its descendants: told and stopped; killed.",
    ]
    mark = "# " if (workers, high) == (_WORKERS, _HIGH) else ""
    lines += [
        f'{mark}memory_high = "{_size(high)}"  # because there are {shown}, for {workers} at once',
        f'{mark}memory_max = "{_size(high * 3 // 2)}"',
    ]
    return "\n".join(lines)


def ceilings_for(memory_bytes: int) -> tuple[int, int]:
    """How many stories at once, and how much each may use, so that all fit."""
    room = int(memory_bytes * _SHARE)
    for workers in range(_WORKERS, 0, -1):
        high = min(_HIGH, room // workers // _QUARTER * _QUARTER)
        if high >= _LEAST:
            return workers, high
    return 1, max(_QUARTER, room // _QUARTER * _QUARTER)


def _not_ignored(guesses: Sequence[Guess], machine: Machine) -> list[str]:
    made = dict.fromkeys(name for each in guesses for name in each.makes)
    return [name for name in made if not machine.is_ignored(name)]


def _is_here(guess: Guess, machine: Machine) -> bool:
    return not guess.program or machine.has_program(guess.program)


def _missing(guess: Guess) -> str:
    return f"there is no {guess.program} on PATH here"


def _quoted(line: str) -> str:
    """As TOML has it; a literal text, where a basic one would be full of backslashes."""
    if '"' in line and "'" not in line:
        return f"'{line}'"
    return json.dumps(line, ensure_ascii=False)


def _size(size_bytes: int) -> str:
    whole, rest = divmod(size_bytes, _GIB)
    return f"{whole}GiB" if not rest else f"{size_bytes >> 20}MiB"
