"""What the globs of `[worktree] copy` and `link` mean in the user's checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

FOUND_MAX = 1000  # of one glob: whoever means more means a folder
_MAGIC = frozenset("*?[")
_NEVER = frozenset({".git", ".prd-supervise"})
_State = tuple[str, int]  # a path from the top, and how many segments of the glob it has met


def found(top: Path, pattern: str) -> Iterator[str]:
    """Name what a glob from the top means, in order; a folder stands for all that is in it.

    `**` looks into every folder but links and other repositories. Nothing outside of the top is
    ever named, nor git's folder or ours.
    """
    segments = tuple(each for each in pattern.split("/") if each not in {"", "."})
    if ".." in segments:
        return
    while segments and segments[-1] == "**":
        segments = segments[:-1]
    stack: list[_State] = [("", 0)]
    seen: set[_State] = set()
    told = 0
    while stack and told < FOUND_MAX:
        state = stack.pop()
        if state in seen:
            continue
        seen.add(state)
        path, met = state
        if met < len(segments):
            stack.extend(reversed(_next(top, path, met, segments)))
        elif path:
            told += 1
            yield path


def _next(top: Path, path: str, met: int, segments: tuple[str, ...]) -> list[_State]:
    """Where one more step of the glob leads to."""
    segment = segments[met]
    if segment == "**":
        rest = segments[met + 1 :]
        below = [
            _joined(path, name)
            for name in _folders(top / path)
            # What the glob means itself is not looked into: node_modules in node_modules.
            if not (len(rest) == 1 and fnmatchcase(name, rest[0]))
        ]
        deeper = [(each, met) for each in below if not os.path.lexists(top / each / ".git")]
        return [(path, met + 1), *deeper]
    if not _MAGIC.intersection(segment):
        names = [segment] if os.path.lexists(top / path / segment) else []
    else:
        names = [name for name in _names(top / path) if fnmatchcase(name, segment)]
    is_last = met + 1 == len(segments)
    return [
        (_joined(path, name), met + 1)
        for name in names
        if name not in _NEVER and (is_last or _is_folder(top / path / name))
    ]


def _joined(path: str, name: str) -> str:
    return str(PurePosixPath(path, name))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  names, not paths
    except OSError:
        return []


def _folders(folder: Path) -> list[str]:
    return [name for name in _names(folder) if name not in _NEVER and _is_folder(folder / name)]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
