"""Signs of life that a command gives: its last words, output that grows, files that change."""

from __future__ import annotations

import os
from pathlib import Path

_TAIL_BYTES = 4096
_LINE_CHARS_MAX = 200
_ENTRIES_MAX = 50_000


def last_line(log: Path) -> str:
    """Give the last line that says something, fit for a terminal; empty if there is none."""
    for line in reversed(last_lines(log).splitlines()):
        said = _printable(line)
        if said:
            return said
    return ""


def last_lines(log: Path) -> str:
    """Give the end of what stands there, however it begins; empty if there is nothing."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read(_TAIL_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""


class Silence:
    """For how long a command has shown no sign of life, counted in looks, never by a clock.

    What is seen is compared with what was seen before. So a wall clock that jumps makes nobody look
    dead, and the time in which nobody looked (suspend, a stop of the whole tree) counts once.
    """

    def __init__(self, output_bytes: int) -> None:
        self._output_bytes = output_bytes
        self._files: int | None = None
        self.lasted_s = 0.0

    def look(self, output_bytes: int, worktree: Path, *, since_last_s: float) -> None:
        """Compare with the last look, `since_last_s` ago; files are looked at only in silence."""
        if output_bytes != self._output_bytes:
            self._output_bytes, self.lasted_s = output_bytes, 0.0
            return
        files = fingerprint(worktree)
        is_same = files is not None and files == self._files
        self._files = files
        self.lasted_s = self.lasted_s + since_last_s if is_same else 0.0


def fingerprint(worktree: Path, *, entries_max: int = _ENTRIES_MAX) -> int | None:
    """Give a number that changes with any file or folder in the worktree, outside of git's.

    Only this process can compare it. None where there are more than `entries_max` entries: a
    working agent must not be taken for a stalled one, and its timeout still ends a stalled one.
    """
    folders = [str(worktree)]
    looked_at = found = 0
    while folders:
        for entry in _entries(folders.pop()):
            looked_at += 1
            if looked_at > entries_max:
                return None
            found ^= hash((entry.path, *_marks_of(entry)))  # the order of entries means nothing
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
    return found


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


def _marks_of(entry: os.DirEntry[str]) -> tuple[int, ...]:
    try:
        stat = entry.stat(follow_symlinks=False)
    except (FileNotFoundError, PermissionError):
        return ()
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
