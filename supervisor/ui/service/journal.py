"""What the journal has of a unit."""

from __future__ import annotations

import shutil

from ...shell.lines import readable
from .asking import ask

_LINES = 5
_CHARS = 200
_WARNING = "4"


def last_lines(unit: str, *, lines: int = _LINES) -> list[str]:
    """The last ones that matter: warnings and errors, of the manager itself as well."""
    if shutil.which("journalctl") is None:
        return []
    words = ("--user-unit", unit, "--no-pager", "--quiet", "--output=short-iso")
    answer = ask("journalctl", "--user", *words, f"--priority={_WARNING}", f"--lines={lines}")
    return [readable(line)[:_CHARS] for line in answer.out.splitlines()] if answer.is_good else []
