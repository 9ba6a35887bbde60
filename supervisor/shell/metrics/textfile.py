"""Figures for node_exporter's textfile collector: one file, replaced in one step."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

FIRST_WORDS = "# HELP prd_supervise_"
_MODE = 0o644  # the collector is another user


def write_textfile(path: Path, text: str) -> None:
    """Replace the file; OSError if that cannot be, and the old one stays as it was.

    The other name does not end with .prom: no collector takes a half-written file for one of its.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, _MODE)  # whatever the umask says
            file.write(text)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def why_unfit(path: Path) -> str:
    """Why this cannot be such a file; empty if it can."""
    folder = path.parent
    if path.suffix != ".prom":
        return "its name has to end with .prom: node_exporter reads no other files"
    if not folder.is_dir():
        return f"there is no folder {folder}; make it, or name another one"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"the folder {folder} cannot be written to by this user"
    if path.is_symlink() or (path.exists() and not _is_ours(path)):
        return "something else is there that would be overwritten; name a file of its own"
    return ""


def _is_ours(path: Path) -> bool:
    """Say whether we have written it; an empty file is nobody's."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            begin = file.read(len(FIRST_WORDS))
    except OSError:
        return False
    return begin in {b"", FIRST_WORDS.encode()}
