"""One copy of the user's in a worktree: a file of its own, or a link that leads to another one."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

_UNREADABLE = "it cannot be read; take the right, or do not name it"


def why_not(checkout: Path, path: str) -> str:
    """Why a path that `copy` means cannot be copied; "": it can."""
    source = checkout / path
    if source.is_file() or _inner_link(checkout, source):
        return ""
    if source.is_dir():
        is_link = source.is_symlink()
        return "it is a link to a folder outside; name it under link" if is_link else _UNREADABLE
    return "it is a link to nothing" if source.is_symlink() else "it is no file"


def put_copies(checkout: Path, top: Path, paths: list[str]) -> dict[str, str]:
    """Bring these copies up to date, links last; say why the others were left out."""
    problems = {}
    for path in sorted(paths, key=lambda path: ((checkout / path).is_symlink(), path)):
        try:
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            _put(checkout, checkout / path, top / path)
        except OSError as error:
            problems[path] = error.strerror or str(error)
    return problems


def _put(checkout: Path, source: Path, target: Path) -> None:
    """Make it in one step; one that is the same already stays.

    A link stays one where what it leads to is here too (`.bin/tool` finds what lies beside it).
    """
    led = _inner_link(checkout, source)
    is_link = bool(led) and ((target.parent / led).exists() or not source.is_file())
    if target.is_symlink():
        if is_link and os.readlink(target) == led:  # noqa: PTH115  byte for byte
            return
    elif target.is_dir():
        raise IsADirectoryError(0, "a folder stands there")
    elif not is_link and target.is_file() and filecmp.cmp(source, target, shallow=False):
        return
    fresh = target.with_name(f"{target.name}.prd-supervise")
    try:
        if is_link:
            fresh.symlink_to(led)
        else:
            shutil.copy2(source, fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _inner_link(checkout: Path, source: Path) -> str:
    """Where a link leads to that means the same in every checkout; "" for all else."""
    if not source.is_symlink():
        return ""
    led = os.readlink(source)  # noqa: PTH115  byte for byte
    there = os.path.normpath(source.parent / led)
    is_inner = Path(there).is_relative_to(checkout) and not Path(led).is_absolute()
    return led if is_inner else ""
