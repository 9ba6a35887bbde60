"""Commands of a page with what they print, and whether they really print that."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.tree import COMMAND

ANSWER_S = 100.0
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ANY = " ..."
# What differs from run to run: the day of a moment that is not today's, commits, and words that
# begin with a digit but not inside of an id.
_DAY = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}, (?=\d\d:)")
_HASH = re.compile(r"\b[0-9a-f]{10,40}\b")
_FIGURE = re.compile(r"(?<![\w-])\d[\w.:-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A command, and lines that it prints, in this order; others may stand between them."""

    command: str
    lines: tuple[str, ...]


def sections(page: Path) -> dict[str, tuple[Typed, ...]]:
    """What is typed in each section of a page; what stands above all has no heading."""
    parts = _SECTION.split(page.read_text(encoding="utf-8"))
    texts = {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))
    return {
        heading: tuple(typed for block in _BLOCK.findall(text) for typed in _typed(block))
        for heading, text in texts.items()
    }


def _typed(block: str) -> list[Typed]:
    first, *commands = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert not first, f"a block begins with a command: {block}"
    split = [each.splitlines() for each in commands]
    return [Typed(command=lines[0], lines=tuple(lines[1:])) for lines in split]


def check(typed: Typed, *, cwd: Path, env: Mapping[str, str]) -> None:
    """Type it, and find its lines in what it prints."""
    path = f"{COMMAND.parent}:{env['PATH']}"
    done = subprocess.run(
        ["sh", "-c", typed.command],
        cwd=cwd,
        env=dict(env) | {"PATH": path, "COLUMNS": "130"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=ANSWER_S,
        check=False,
    )
    told = f"$ {typed.command}\n{done.stdout}"
    assert "Traceback" not in done.stdout, told
    assert typed.lines or done.returncode == 0, told
    printed = iter([steady(line) for line in done.stdout.splitlines()])
    for line in typed.lines:
        wanted = steady(line)
        assert any(fits(wanted, each) for each in printed), f"{line!r} is not in\n{told}"


def steady(line: str) -> str:
    """The line without what differs from run to run."""
    return " ".join(_FIGURE.sub("#", _HASH.sub("#", _DAY.sub("", line))).split())


def fits(wanted: str, printed: str) -> bool:
    """Say whether a line is what was wanted; of one that ends with dots only the beginning."""
    if wanted.endswith(_ANY):
        return printed.startswith(wanted.removesuffix(_ANY))
    return printed == wanted
