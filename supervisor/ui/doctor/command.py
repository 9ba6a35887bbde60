"""`doctor`: look at everything that matters before a night."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ...shell.lines import safe
from ...shell.repository.checkout import Checkout, RepositoryError, find_checkout, head_time
from ..columns import cells, filled
from ..errors import UsageError
from ..printer import say
from ..settings.config import Settings, load_settings
from ..settings.forgotten import forgotten_warnings
from .agent import look_at_agent
from .git import program_lines, repository_lines
from .places import place_lines
from .programs import agent_lines, tool_lines
from .system import system_lines
from .words import Level, Line, fail, warn

SCHEMA_VERSION = 1
WIDTH_MIN, WIDTH_MAX = 40, 200


def doctor(folder: Path, *, agent: str, as_json: bool) -> int:
    """Print what was found, of this agent where one is named; 1 if something fails, else 0."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    lines = look_at_agent(folder, agent) if agent else look(folder)
    if as_json:
        say(json.dumps(document(folder, lines), indent=2, ensure_ascii=False))
    else:
        for line in text_of(lines, width=_width()):
            say(line)
    return 1 if any(line.level is Level.FAIL for line in lines) else 0


def look(folder: Path) -> tuple[Line, ...]:
    """Everything that is to be said, the repository first."""
    lines = list(program_lines())
    if any(line.level is Level.FAIL for line in lines):
        return (*lines, *system_lines(None))
    try:
        checkout = find_checkout(folder)
    except RepositoryError as error:
        found, _, advice = str(error).partition("; ")
        no_repository = fail("repository", found, advice)
        return (*lines, no_repository, *system_lines(None))
    lines += repository_lines(checkout)
    lines += _of_settings(checkout)
    return (*lines, *system_lines(head_time(checkout)))


def _of_settings(checkout: Checkout) -> list[Line]:
    """What depends on the configuration; where that is broken, places and tools by default.

    What it says of agent and verify commands is not known then, and no default is to be blamed.
    """
    settings, defects = load_settings(checkout.top, environ=os.environ, overrides={})
    lines: list[Line] = []
    known = settings or Settings()
    if settings is None:
        first = defects[0].relative_to(checkout.top)
        advice = "`prd-supervise check` says all that is wrong; agent and verify were not looked at"
        lines.append(fail("configuration", str(first), advice))
    layout = checkout.layout(known.worktree.root)
    lines += place_lines(checkout, layout, known.worktree.free_min)
    if settings is not None:
        lines += agent_lines(settings, checkout.top)
        for each in forgotten_warnings(settings, (), checkout, os.environ):
            found, _, advice = each.message.partition("; ")
            lines.append(warn("committed", found, advice))
    lines += tool_lines(known, checkout.top)
    return lines


def document(folder: Path, lines: Sequence[Line]) -> dict[str, object]:
    """The result for programs, as docs/schema/doctor.schema.json has it."""
    return {
        "version": SCHEMA_VERSION,
        "folder": str(folder.absolute()),
        "ok": not any(line.level is Level.FAIL for line in lines),
        "lines": [
            {
                "level": line.level.value,
                "subject": line.subject,
                "text": line.text,
                "advice": line.advice,
            }
            for line in lines
        ],
    }


def text_of(lines: Sequence[Line], *, width: int) -> list[str]:
    """A line a subject, its advice below it."""
    subjects = max((cells(line.subject) for line in lines), default=0)
    shown: list[str] = []
    for line in lines:
        head = f"{line.level.value:<4}  {line.subject:<{subjects}}  "
        shown += filled(head + safe(line.text), width, " " * len(head))
        if line.advice:
            below = filled("-> " + safe(line.advice), width - len(head), "   ")
            shown += [" " * len(head) + each for each in below]
    counts = {level: sum(line.level is level for line in lines) for level in Level}
    failed, warned = counts[Level.FAIL], counts[Level.WARN]
    return [*shown, f"{failed} failed, {warned} warned, {counts[Level.OK]} ok"]


def _width() -> int:
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    return max(WIDTH_MIN, min(width, WIDTH_MAX))
