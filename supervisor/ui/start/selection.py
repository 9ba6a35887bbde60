"""Which PRDs a command means: ids, paths, or all that are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ...core.root.records import PrdState
from ...prd.copies import copies
from ...prd.defect import Defect
from ...prd.discover import FILES_IN_FOLDER, discover
from ...prd.model import Plan
from ...prd.read import read_file
from ...shell.board import Board, Row
from ...shell.control.targets import found_instead
from ...shell.plans.finished import is_finished
from ...shell.plans.identity import Only, place_now, wanted
from ...shell.status.states import is_kept_back
from ..errors import UsageError
from ..invalid_input import InvalidInputError

UNFINISHED = frozenset({PrdState.QUEUED, PrdState.ACTIVE, PrdState.STOPPED})


class Selection(Struct, frozen=True, kw_only=True):
    """The files of the PRDs, and a line for each place that was passed over."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    only: tuple[Only, ...] = ()  # of these files, only these PRDs
    is_everything: bool = False  # nothing was named: what is complete or held is left out


def to_start(top: Path, board: Board, patterns: tuple[str, ...], names: Sequence[str]) -> Selection:
    """The PRDs named; without names, all that are found."""
    if names:
        return _all_named(top, board, patterns, names)
    found = discover(top, patterns)
    return Selection(
        paths=found.paths, notes=(*found.notes, *_held_notes(board)), is_everything=True
    )


def to_resume(
    top: Path, board: Board, names: Sequence[str], *, retry: bool, by_person: bool = True
) -> Selection:
    """The PRDs named; without names, all that an earlier run left unfinished.

    What has failed begins again only because a person wants it: a service that is started again
    and again would burn money on it.
    """
    if names:
        return _all_named(top, board, (), names)
    rows = [
        row
        for row in board.rows.values()
        if not row.by_operator
        and (
            row.state in UNFINISHED
            or (row.state is PrdState.FAILED and (retry or (by_person and _has_open_stories(row))))
        )
    ]
    only = _found_again(top, [_only(row) for row in rows])
    return Selection(
        paths=tuple(dict.fromkeys(Path(each.path) for each in only)),
        notes=_held_notes(board),
        only=only,
    )


def chosen(
    selection: Selection,
    plans: Sequence[Plan],
    board: Board,
    *,
    top: Path,
    plan_of: Callable[[str], Plan | None],
) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """The plans that are meant, now that they are read, and a line for each that is left out."""
    meant = wanted(plans, selection.only)
    notes = [*_strangers(selection.only, plans)]
    if not selection.is_everything:
        return meant, tuple(notes)
    sources = sources_left_out(meant, board)
    left: list[Plan] = []
    for at, plan in enumerate(meant):
        row = board.rows.get(plan.prd_id)
        if at in sources:
            other = _shown(Path(meant[sources[at]].path), top)
            text = f"its stories stand in {other}; passed over (name it to run it)"
            notes.append(f"{_shown(Path(plan.path), top)}: {text}")
        elif not _is_under_way(row) and is_finished(plan, row, plan_of(plan.prd_id)):
            part = f" {plan.part}" if plan.part else ""
            notes.append(f"{_shown(Path(plan.path), top)}{part}: complete{_unlanded(plan, row)}")
        elif row is None or not row.by_operator:
            left.append(plan)
    return tuple(left), tuple(notes)


def _unlanded(plan: Plan, row: Row | None) -> str:
    if row is None or not is_kept_back(row.landed):
        return ""
    return f", but {row.landed}; `prd-supervise start {plan.prd_id}` tries again"


def sources_left_out(plans: Sequence[Plan], board: Board) -> dict[int, int]:
    """Which plans are only another writing of which others, by their positions."""
    return copies(plans, lambda plan: plan.prd_id in board.rows)


def _strangers(only: Sequence[Only], plans: Sequence[Plan]) -> list[str]:
    """PRDs that were run here, where their file holds others now."""
    ids = {plan.prd_id for plan in plans}
    notes = []
    for each in only:
        others = [plan.prd_id for plan in plans if plan.path == each.path]
        if each.prd_id and each.prd_id not in ids and others:
            text = f"{Path(each.path).name} holds another PRD now ({', '.join(others)})"
            notes.append(f"{each.prd_id}: {text}; write it into a file of its own to go on")
    return notes


def _only(row: Row) -> Only:
    path = place_now(Path(row.accepted.path))
    return Only(path=str(path), prd_id=row.accepted.prd_id)


def to_check(top: Path, board: Board, patterns: tuple[str, ...], names: Sequence[str]) -> Selection:
    """The PRDs named; without names, all that are found, complete ones too."""
    if names:
        return _all_named(top, board, patterns, names)
    found = discover(top, patterns)
    return Selection(paths=found.paths, notes=found.notes)


def _is_under_way(row: Row | None) -> bool:
    """Say whether a PRD was left before its end: its stories may be done, and it has to land."""
    return row is not None and row.state in UNFINISHED


def _has_open_stories(row: Row) -> bool:
    """Say whether a failed PRD has something to do: it failed before its stories did."""
    return any(view.state in {"waiting", "backing off"} for view in row.stories.values())


def _held_notes(board: Board) -> tuple[str, ...]:
    return tuple(
        f"{prd_id}: stopped by its name; `prd-supervise resume {prd_id}` goes on"
        for prd_id, row in board.rows.items()
        if row.by_operator
    )


def _all_named(
    top: Path, board: Board, patterns: tuple[str, ...], names: Sequence[str]
) -> Selection:
    """The files of these names, each once: an id and a path may mean the same PRD."""
    meant = [_named(top, board, patterns, name) for name in names]
    whole = {each.path for each in meant if each.part is None and not each.prd_id}
    return Selection(
        paths=tuple(dict.fromkeys(Path(each.path) for each in meant)),
        only=tuple(dict.fromkeys(each for each in meant if each.path not in whole)),
    )


def _named(top: Path, board: Board, patterns: tuple[str, ...], name: str) -> Only:
    known = _only(board.rows[name]) if name in board.rows else None
    if known is not None and Path(known.path).exists():
        return known
    for base in (Path.cwd(), top):
        path = base / name
        inside = next((path / each for each in FILES_IN_FOLDER if (path / each).is_file()), None)
        if inside is not None:
            return Only(path=str(inside.resolve()))
        if path.is_file():
            return Only(path=str(path.resolve()))
    ids, defects = _ids_here(top, patterns)
    if known is not None:  # its file has gone: if nothing has its id now, reading says so
        return _at(known, ids)
    if name in ids:
        return ids[name]
    if defects:  # it may be one of those that cannot be read
        raise InvalidInputError(defects)
    found = found_instead(name, tuple(ids))
    raise UsageError(f"{name}: neither a file nor the id of a PRD here; found: {found}")


def _found_again(top: Path, known: Sequence[Only]) -> tuple[Only, ...]:
    """PRDs that were run here, where their files are now."""
    if all(Path(each.path).exists() for each in known):
        return tuple(known)
    ids, _ = _ids_here(top, ())
    return tuple(each if Path(each.path).exists() else _at(each, ids) for each in known)


def _at(known: Only, ids: Mapping[str, Only]) -> Only:
    found = ids.get(known.prd_id)
    return known if found is None else replace(known, path=found.path)


def _ids_here(top: Path, patterns: tuple[str, ...]) -> tuple[dict[str, Only], list[Defect]]:
    """The PRDs that are found, by the ids that their files say; and what cannot be read."""
    ids: dict[str, Only] = {}
    defects: list[Defect] = []
    for path in discover(top, patterns).paths:
        reading = read_file(path)
        defects += reading.errors
        for plan in reading.plans:
            ids.setdefault(plan.prd_id, Only(path=plan.path, part=plan.part))
    return ids, defects


def _shown(path: Path, top: Path) -> str:
    return str(path.relative_to(top)) if path.is_relative_to(top) else str(path)
