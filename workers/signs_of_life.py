"""Signs of life that a command leaves behind: its last words, and files that change."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

_TAIL_BYTES = 4096
_LINE_CHARS_MAX = 200
_ENTRIES_MAX = 50_000


def last_line(log: Path) -> str:
    """Give the last line that says something, fit for a terminal; empty if there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read(_TAIL_BYTES)
    except FileNotFoundError:
        return ""
    for line in reversed(tail.decode(errors="replace").splitlines()):
        said = _printable(line)
        if said:
            return said
    return ""


def has_changed_since(worktree: Path, since_s: float, *, entries_max: int = _ENTRIES_MAX) -> bool:
    """Say whether a file or folder in the worktree, outside of git's, is newer than `since_s`.

    `since_s` is wall-clock, as file times are. In a worktree with more than `entries_max` entries
    the answer is yes when none of those is newer: a working agent must not be taken for a stalled
    one, and its timeout still ends a stalled one. Folders near the top are looked at first.
    """
    folders = deque([str(worktree)])
    looked_at = 0
    while folders:
        for entry in _entries(folders.popleft()):
            looked_at += 1
            if looked_at > entries_max or _modified_s(entry) >= since_s:
                return True
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
    return False


def _printable(line: str) -> str:
    # Without the escape character, what follows it is harmless but no word; drop colours whole.
    words = _without_escapes(line)
    kept = "".join(char if char.isprintable() else " " for char in words)
    return " ".join(kept.split())[:_LINE_CHARS_MAX]


def _without_escapes(line: str) -> str:
    """Drop terminal sequences of the form ESC [ ... letter."""
    first, *rest = line.split("\x1b[")
    return first + "".join(part.lstrip("0123456789;:<=>?")[1:] for part in rest)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name != ".git"]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []  # removed or closed by the agent while we look


def _modified_s(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except (FileNotFoundError, PermissionError):
        return 0.0
