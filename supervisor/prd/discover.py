"""Finding the PRDs of a repository: the usual places, and those that the configuration adds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .defect import quoted
from .read import absolute, is_story_document

USUAL_PLACES = (
    "prd.json",
    ".ralph/prd*.json",
    "scripts/ralph/prd.json",
    "ralph/prd.json",
    "tasks/*.json",
    "plans/*.json",
    "prds/active/*",
)
_NOT_YET = {".taskmaster/tasks/tasks.json": "the form of task-master is not read yet"}
_FILE_IN_FOLDER = "prd.json"
_NEVER_SEARCHED = {".git", ".prd-supervise"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The files to read as PRDs, absolute and sorted; and one line for each that is none."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def discover(repository: Path, patterns: tuple[str, ...]) -> Discovery:
    """Look for PRDs; `patterns` are globs from the repository's root, of files or folders."""
    root = absolute(repository)
    found: dict[Path, Path] = {}
    notes = {
        f"{place}: {why}; passed over" for place, why in _NOT_YET.items() if (root / place).exists()
    }
    for candidate in _candidates(root, patterns, notes):
        shown = candidate.relative_to(root).as_posix()
        path = candidate / _FILE_IN_FOLDER if _is_folder(candidate) else candidate
        if shown in _NOT_YET:
            continue
        if path is not candidate and not os.path.lexists(path):
            notes.add(f"{shown}: there is no {_FILE_IN_FOLDER} in it; passed over")
        elif not is_story_document(path):
            notes.add(f"{path.relative_to(root).as_posix()}: no list of stories; passed over")
        else:
            place = absolute(path)
            found.setdefault(place.resolve(), place)
    return Discovery(paths=tuple(sorted(found.values())), notes=tuple(sorted(notes)))


def _candidates(root: Path, patterns: tuple[str, ...], notes: set[str]) -> Iterator[Path]:
    for pattern in (*USUAL_PLACES, *patterns):
        try:
            matches = sorted(root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            notes.add(f"pattern {quoted(pattern)}: {error}; passed over")
            continue
        for path in matches:
            if _NEVER_SEARCHED.isdisjoint(path.relative_to(root).parts):
                yield path


def _is_folder(path: Path) -> bool:
    # Path.is_dir raises where a folder's entries may not be looked at.
    return os.path.isdir(path)  # noqa: PTH112
