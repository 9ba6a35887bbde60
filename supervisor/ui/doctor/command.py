"""`doctor`: look at everything that matters before a night."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ...shell.repository.checkout import Checkout, RepositoryError, find_checkout
from ..errors import UsageError
from ..looks.painting import page_width
from ..printer import show
from ..settings.config import Settings, load_settings
from .agent import look_at_agent
from .around import here_at
from .check import Check, done
from .checks import repository_checks, system_checks, verify_check
from .quick import git_check
from .show import document, painter, text_of
from .words import Level, Line, fail

WIDTH_MAX = 120


def doctor(folder: Path, *, agent: str, as_json: bool, verifies: bool = False) -> int:
    """Print what was found, of this agent where one is named; 1 if something fails, else 0."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    if agent and verifies:
        raise UsageError("--agent and --verify: two looks; ask for one at a time")
    lines = look_at_agent(folder, agent) if agent else look(folder, verifies=verifies)
    if as_json:
        show(json.dumps(document(folder, lines), indent=2, ensure_ascii=False))
    else:
        for line in text_of(lines, width=page_width(WIDTH_MAX), paint=painter()):
            show(line)
    return 1 if has_failed(lines) else 0


def look(folder: Path, *, verifies: bool = False) -> tuple[Line, ...]:
    """Everything that is to be said, the repository first."""
    lines = done(git_check())
    if has_failed(lines):
        return (*lines, *_all(tuple(system_checks(None, has_settings=False))))
    try:
        checkout = find_checkout(folder)
    except RepositoryError as error:
        what, _, advice = str(error).partition("; ")
        no_repository = Line(Level.FAIL, "repository", what, advice, lines[0].group)
        system = _all(tuple(system_checks(None, has_settings=False)))
        return (*lines, no_repository, *system)
    settings, wrong = _settings(checkout)
    here, has_settings = here_at(checkout, settings), settings is not None
    checks = [
        *repository_checks(here, has_settings=has_settings),
        *system_checks(here, has_settings=has_settings),
    ]
    found = (*lines, *wrong, *_all(checks))
    if verifies and has_settings:
        if not _quiet():
            print("verifying what is committed ...", file=sys.stderr)  # noqa: T201
        found = (*found, *done(verify_check(here)))
    return found


def has_failed(lines: Sequence[Line]) -> bool:
    """Say whether nothing can be run."""
    return any(line.level is Level.FAIL for line in lines)


def _all(checks: Sequence[Check]) -> tuple[Line, ...]:
    return tuple(line for check in checks for line in done(check))


def _settings(checkout: Checkout) -> tuple[Settings | None, tuple[Line, ...]]:
    """The settings; where they are broken, a line that says so.

    What they say of agent and verify commands is not known then, and no default is to be blamed.
    """
    settings, defects = load_settings(checkout.top, environ=os.environ, overrides={})
    if settings is not None:
        return settings, ()
    first = str(defects[0].relative_to(checkout.top)).splitlines()[0]
    advice = "`prd-supervise check` says all that is wrong; agent and verify were not looked at"
    line = fail("configuration", first, advice)
    return None, (Line(line.level, line.subject, line.text, line.advice, "Configuration"),)


def _quiet() -> bool:
    return not sys.stderr.isatty()
