"""Finding the PRDs of a repository: the usual places, and those that the configuration adds.

Not looked for are the places where what is done lies beside what is to be done, without a mark
(docs/features/*/user-stories.md, prds/completed, prds/drafts): who wants them names them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePath

from msgspec import Struct

from .defect import quoted
from .read import absolute, why_no_prd

FILES_IN_FOLDER = (
    "prd.json",
    "prd.yaml",
    "prd.yml",
    "prd.md",
    "PRD.md",
    "tasks.json",
    "tasks.yaml",
    "user-stories.md",
)
# Of YAML only what is called so: tasks/*.yml is what Ansible has.
USUAL_PLACES = (
    *("prd.json", "prd.yaml", "prd.yml", "prd.md", "PRD.md", "user-stories.md"),
    *("tasks.yaml", "phase_plan.yaml", "quantum.json", "feature_list.json"),
    *(".ralph/prd*.json", ".ralph/prd*.yaml", ".ralph/prd*.md"),
    *("scripts/ralph/prd.json", "scripts/ralph/prd.md"),
    *("ralph/prd.json", "ralph/prd.md", "ralph/tasks.yaml"),
    *("tasks/*.json", "tasks/*.md", "tasks/prd*.yaml", "tasks/prd*.yml", "tasks/tasks.yaml"),
    *("plans/*.json", "plans/*.md", "plans/prd*.yaml", "plans/prd*.yml", "plans/tasks.yaml"),
    *(".taskmaster/tasks/tasks.json", ".agents/tasks/*.json", ".agents/tasks/*.md"),
    ".omc/prd.json",
    "prds/active/*",
)
# Where Ralph's loop reads, and what the prd.json in these places is made of by its skill.
_RALPHS = ("prd.json", "scripts/ralph/prd.json", "ralph/prd.json", ".ralph/prd.json")
_SOURCES = "tasks/prd-*.md"
_NEVER_SEARCHED = {".git", ".prd-supervise"}
_NEVER_FOUND = (("prds", "completed"), ("prds", "drafts"), ("prds", "abandoned"))
FOLDERS_MAX = 2000  # that `folders` names
_NOTES_MAX = 5  # of one folder, for one reason


class Discovery(Struct, frozen=True, kw_only=True):
    """The files to read as PRDs, absolute and sorted; and a line for each that is none."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def discover(repository: Path, patterns: tuple[str, ...]) -> Discovery:
    """Look for PRDs; `patterns` are globs from the repository's root, of files or folders."""
    root = absolute(repository)
    found: dict[Path, Path] = {}
    notes: set[str] = set()
    passed: dict[tuple[str, str], set[str]] = defaultdict(set)
    has_ralph = any((root / place).is_file() for place in _RALPHS)
    for candidate in candidates(root, patterns, notes):
        shown = candidate.relative_to(root)
        path = _file_of(candidate)
        if path is None:
            notes.add(f"{shown.as_posix()}: there is no {FILES_IN_FOLDER[0]} in it; passed over")
            continue
        why = _is_source(shown) if has_ralph else ""
        why = why or why_no_prd(path)
        if why:
            name = path.relative_to(root)
            passed[name.parent.as_posix(), why].add(name.name)
        else:
            place = absolute(path)
            found.setdefault(place.resolve(), place)
    notes.update(_told(passed))
    return Discovery(paths=tuple(sorted(found.values())), notes=tuple(sorted(notes)))


def candidates(root: Path, patterns: tuple[str, ...], notes: set[str]) -> Iterator[Path]:
    """The files and folders of these patterns, whatever is in them; a bad pattern is noted."""
    seen: set[Path] = set()
    for pattern in (*USUAL_PLACES, *patterns):
        try:
            matches = sorted(root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            notes.add(f"pattern {quoted(pattern)}: {error}; passed over")
            continue
        for path in matches:
            if path not in seen and not _is_never_found(path.relative_to(root)):
                seen.add(path)
                yield path


def folders(root: Path, patterns: tuple[str, ...]) -> tuple[Path, ...]:
    """The folders in which a PRD of these patterns may appear or change, as far as they exist."""
    found: dict[Path, None] = {root: None}
    for pattern in (*USUAL_PLACES, *patterns):
        parts = PurePath(pattern).parts
        for depth in range(1, len(parts) + 1):
            try:
                matches = root.glob(str(PurePath(*parts[:depth])))
                fresh = (path for path in matches if path not in found and _is_folder(path))
                for path in islice(fresh, FOLDERS_MAX - len(found)):
                    if not _is_never_found(path.relative_to(root)):
                        found[path] = None
            except (ValueError, NotImplementedError):
                break  # `candidates` says so
    return tuple(found)


def _file_of(candidate: Path) -> Path | None:
    """The PRD of a folder, or the file itself."""
    if not _is_folder(candidate):
        return candidate
    inside = [candidate / name for name in FILES_IN_FOLDER]
    there = [path for path in inside if os.path.lexists(path)]
    sound = (path for path in there if not why_no_prd(path))
    return next(sound, next(iter(there), None))


def _is_source(shown: PurePath) -> str:
    if not shown.match(_SOURCES) or len(shown.parts) != len(PurePath(_SOURCES).parts):
        return ""
    return "a source of Ralph's prd.json, to be run if it is named"


def _is_never_found(shown: PurePath) -> bool:
    parts = shown.parts
    return not _NEVER_SEARCHED.isdisjoint(parts) or parts[:2] in _NEVER_FOUND


def _told(passed: dict[tuple[str, str], set[str]]) -> Iterator[str]:
    for (folder, why), names in passed.items():
        if len(names) > _NOTES_MAX:
            yield f"{folder}/: {len(names)} files are passed over: {why}"
        else:
            yield from (f"{PurePath(folder) / name}: {why}; passed over" for name in names)


def _is_folder(path: Path) -> bool:
    # Path.is_dir raises where a folder's entries may not be looked at.
    return os.path.isdir(path)  # noqa: PTH112
