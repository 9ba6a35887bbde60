"""Which files of the user's checkout `[worktree] copy` names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ..finding import found

FILES_MAX = 10_000
_NOT_OURS_TO_GIVE = frozenset({".git", ".prd-supervise"})


def copied_files(checkout: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """Name what the globs lead to, for a folder all files and links below it, sorted.

    Folders that cannot be read are among them, so that people can be told. At most
    FILES_MAX of them. What lies outside of the checkout is nobody's to name.
    """
    names = dict.fromkeys(islice(_files(checkout, patterns), FILES_MAX))
    return tuple(sorted(names))


def _files(checkout: Path, patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        for name in found(checkout, pattern):
            path = checkout / name
            if path.is_dir():
                yield from _below(checkout, path)
            else:
                yield name


def _below(checkout: Path, folder: Path) -> Iterator[str]:
    unreadable: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(set(folders) - _NOT_OURS_TO_GIVE)
        for name in sorted({*files, *folders} - _NOT_OURS_TO_GIVE):
            path = Path(where, name)
            if path.is_symlink() or path.is_file():
                yield str(path.relative_to(checkout))
    for error in unreadable:
        yield str(Path(error.filename).relative_to(checkout))
