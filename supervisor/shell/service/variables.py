"""The file of variables that a service has besides: systemd reads it for us, launchd does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_COMMENTS = ("#", ";")
_QUOTES = ('"', "'")
_BYTES_MAX = 1 << 16


def variables_file(home: Path, environ: Mapping[str, str]) -> Path:
    """Where it lies; nobody but its user needs to read it."""
    # The XDG specification: a relative path is invalid and ignored.
    given = Path(environ.get("XDG_CONFIG_HOME", ""))
    folder = given if given.is_absolute() else home / ".config"
    return folder / "prd-supervise" / "env"


def read_variables(path: Path) -> tuple[dict[str, str], tuple[int, ...]]:
    """Read `NAME=value` lines as systemd does; the numbers of lines that say nothing such.

    A file that is not there has none. Backslashes stand for themselves but in double quotes.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_BYTES_MAX).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return {}, ()
    found: dict[str, str] = {}
    strange = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENTS):
            continue
        assigned = _LINE.fullmatch(line)
        if assigned is None:
            strange.append(number)
        else:
            found[assigned[1]] = _value(assigned[2].strip())
    return found, tuple(strange)


def _value(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        inner = text[1:-1]
        return re.sub(r'\\(["\\$`])', r"\1", inner) if text[0] == '"' else inner
    return text
