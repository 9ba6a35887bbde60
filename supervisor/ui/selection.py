"""Which PRDs a command means: ids, paths, or all that are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.root.words import PrdState
from ..prd.defect import Defect
from ..prd.discover import discover
from ..prd.read import read_file
from ..shell.board import Board, Row
from .errors import InvalidInputError, UsageError

UNFINISHED = frozenset({PrdState.QUEUED, PrdState.ACTIVE, PrdState.STOPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The files of the PRDs, and a line for each place that was passed over."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def to_start(top: Path, board: Board, patterns: tuple[str, ...], names: Sequence[str]) -> Selection:
    """The PRDs named; without names, all that are found and not complete."""
    if names:
        return Selection(paths=_all_named(top, board, patterns, names))
    found = discover(top, patterns)
    rows = {Path(row.accepted.path): row for row in board.rows.values()}
    paths = [path for path in found.paths if not _is_done(path, rows.get(path))]
    notes = [f"{_shown(path, top)}: complete" for path in found.paths if path not in paths]
    held = {Path(row.accepted.path) for row in board.rows.values() if row.by_operator}
    return Selection(
        paths=tuple(path for path in paths if path not in held),
        notes=(*found.notes, *notes, *_held_notes(board)),
    )


def to_resume(top: Path, board: Board, names: Sequence[str], *, retry: bool) -> Selection:
    """The PRDs named; without names, all that an earlier run left unfinished."""
    if names:
        return Selection(paths=_all_named(top, board, (), names))
    rows = [
        row
        for row in board.rows.values()
        if not row.by_operator and (_is_unfinished(row) or (retry and row.state is PrdState.FAILED))
    ]
    return Selection(paths=tuple(Path(row.accepted.path) for row in rows), notes=_held_notes(board))


def to_check(top: Path, board: Board, patterns: tuple[str, ...], names: Sequence[str]) -> Selection:
    """The PRDs named; without names, all that are found, complete ones too."""
    if names:
        return Selection(paths=_all_named(top, board, patterns, names))
    found = discover(top, patterns)
    return Selection(paths=found.paths, notes=found.notes)


def _is_unfinished(row: Row) -> bool:
    """Say whether a resume has something to do: also where a PRD failed before its stories did."""
    has_open_stories = any(
        view.state in {"waiting", "backing off"} for view in row.stories.values()
    )
    return row.state in UNFINISHED or (row.state is PrdState.FAILED and has_open_stories)


def _held_notes(board: Board) -> tuple[str, ...]:
    return tuple(
        f"{prd_id}: stopped by its name; `prd-supervise resume {prd_id}` goes on"
        for prd_id, row in board.rows.items()
        if row.by_operator
    )


def row_named(board: Board, name: str) -> Row:
    """The PRD of this id, among those that were run."""
    if name not in board.rows:
        known = ", ".join(board.rows) or "none yet"
        raise UsageError(f"{name}: no PRD of this id was run here; there are: {known}")
    return board.rows[name]


def _all_named(
    top: Path, board: Board, patterns: tuple[str, ...], names: Sequence[str]
) -> tuple[Path, ...]:
    """The files of these names, each once: an id and a path may mean the same PRD."""
    return tuple(dict.fromkeys(_named(top, board, patterns, name) for name in names))


def _named(top: Path, board: Board, patterns: tuple[str, ...], name: str) -> Path:
    if name in board.rows:
        return Path(board.rows[name].accepted.path)
    for base in (Path.cwd(), top):
        path = base / name
        if path.is_dir() and (path / "prd.json").is_file():
            return (path / "prd.json").resolve()
        if path.is_file():
            return path.resolve()
    return _by_id(top, patterns, name)


def _by_id(top: Path, patterns: tuple[str, ...], name: str) -> Path:
    ids: dict[str, Path] = {}
    defects: list[Defect] = []
    for path in discover(top, patterns).paths:
        reading = read_file(path)
        defects += reading.errors
        for plan in reading.plans:
            ids.setdefault(plan.prd_id, path)
    if name in ids:
        return ids[name]
    if defects:  # it may be one of those that cannot be read
        raise InvalidInputError(defects)
    known = ", ".join(ids) or "none"
    raise UsageError(f"{name}: neither a file nor the id of a PRD here; found: {known}")


def _is_done(path: Path, row: Row | None) -> bool:
    """Say whether every story of the file is done, by its own word or by ours."""
    plans = read_file(path).plans
    if not plans:
        return False
    views = {} if row is None else row.stories
    ours = {story_id for story_id, view in views.items() if view.state.startswith("done")}
    return all(
        story.is_done or story.is_skipped or story.story_id in ours
        for plan in plans
        for story in plan.stories
    )


def _shown(path: Path, top: Path) -> str:
    return str(path.relative_to(top)) if path.is_relative_to(top) else str(path)
