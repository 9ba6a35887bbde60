"""Secret files as ignored ones, for every git command of ours and for nobody else's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ...secrecy.names import TABLE
from ..commands import Commands

_FILE = "prd-supervise.excludes"


def excluding(finder: Commands, common_dir: Path, more: Iterable[str]) -> tuple[str, ...]:
    """Write the patterns to a file of ours, and give the setting that has git go by them.

    There can be only one such file, so it begins with what the user's own says. His `.gitignore`
    goes before it: what that brings back, `secret_history` takes out again.
    """
    lines = (*TABLE, *more)
    text = _users_own(finder) + b"\n" + b"".join(os.fsencode(line) + b"\n" for line in lines)
    file = common_dir / _FILE
    if not file.is_file() or file.read_bytes() != text:
        fresh = file.with_name(f"{_FILE}.{os.getpid()}")
        fresh.write_bytes(text)
        os.replace(fresh, file)  # noqa: PTH105  says that it replaces
    return (f"core.excludesFile={file}",)


def is_from_here(source: str) -> bool:
    """Say whether it was this file that had git ignore something."""
    return Path(source).name == _FILE


def _users_own(finder: Commands) -> bytes:
    told = finder.ask("config", "--type=path", "--get", "core.excludesFile").line
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    path = Path(told) if told else Path(home, "git", "ignore")
    try:
        return path.read_bytes()
    except OSError:
        return b""
