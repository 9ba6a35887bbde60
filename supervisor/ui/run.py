"""`start` and `resume`: from what was typed to a tree that runs, or to a clear no."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..prd.defect import Defect
from ..shell.board import Board
from ..shell.layout import Layout
from ..shell.locks import LockBusyError, holder_of
from ..shell.operator import Operator, serve_control
from ..shell.repository import Checkout, RepositoryError, commit_of, keep_out_of_git
from ..shell.root_process import RootProcess
from ..shell.store import StoreError
from ..shell.submission import Terms, accept, read_plans
from ..shell.sweep import MARKER
from .config import Settings, agent_defects, load_settings
from .errors import FatalError, InvalidInputError, ReportedError, UsageError
from .lines import Event
from .place import already_running, checkout_of, known_board
from .printer import printer, say
from .select import Selection, to_resume, to_start
from .table import summary, unfinished
from .tree_settings import root_settings

STOPPED = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was typed."""

    folder: Path
    names: tuple[str, ...]
    overrides: Mapping[str, object]
    is_resume: bool = False
    retry: bool = False
    adopt_branch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The repository that a run is about, with its settings."""

    checkout: Checkout
    settings: Settings
    layout: Layout


def place_of(folder: Path, overrides: Mapping[str, object]) -> Place:
    """Find the repository and its settings."""
    checkout = checkout_of(folder)
    settings, defects = load_settings(checkout.top, environ=os.environ, overrides=overrides)
    if settings is None:
        raise InvalidInputError(defects)
    layout = checkout.layout(settings.worktree.root)
    return Place(checkout=checkout, settings=settings, layout=layout)


def run(request: Request, listener: Callable[[Event], None] | None = None) -> int:
    """Run the tree in the foreground and print its events; return the exit code."""
    refuse_inside_agent()
    place = place_of(request.folder, request.overrides)
    holder = holder_of(place.layout.root_lock)
    if holder is not None:
        raise FatalError(already_running(holder))
    board = known_board(place.layout)
    selection = select(request, place, board)
    for note in selection.notes:
        print(f"note: {note}", file=sys.stderr)  # noqa: T201
    if not selection.paths:
        print("nothing to do: no PRD here is unfinished", file=sys.stderr)  # noqa: T201
        return 0
    raise_if(agent_defects(place.settings, place.checkout.top))
    return _run_tree(request, place, board, selection.paths, listener or printer())


def select(request: Request, place: Place, board: Board) -> Selection:
    """Choose the PRDs."""
    top = place.checkout.top
    if request.is_resume:
        return to_resume(top, board, request.names, retry=request.retry)
    return to_start(top, board, place.settings.prds, request.names)


def terms_of(request: Request, place: Place, board: Board) -> Terms:
    """The base of new PRDs, which is never one of our own branches."""
    checkout, named = place.checkout, place.settings.merge.base
    branch = named or checkout.branch
    ours = {row.branch for row in board.rows.values() if row.branch}
    if branch in ours or branch.startswith("prd-supervise/"):
        raise UsageError(
            f"{branch}: a branch of a PRD cannot be the base of another one; "
            "switch to your own branch, or name it as merge.base"
        )
    try:
        base = commit_of(checkout, named) if named else checkout.head
    except RepositoryError as error:
        raise UsageError(str(error)) from None
    return Terms(
        base=base,
        base_branch=branch,
        retry=request.retry,
        adopt_branch=request.adopt_branch,
    )


def _run_tree(
    request: Request,
    place: Place,
    board: Board,
    paths: Sequence[Path],
    listener: Callable[[Event], None],
) -> int:
    terms = terms_of(request, place, board)
    known_ids = {row.accepted.path: prd_id for prd_id, row in board.rows.items()}
    plans, defects = read_plans(paths, known_ids=known_ids, base_branch=terms.base_branch)
    if defects and not (request.is_resume and plans):
        raise InvalidInputError(defects)
    for defect in defects:  # a resume sets those PRDs aside and runs the others
        print(defect.relative_to(place.checkout.top), file=sys.stderr)  # noqa: T201
    os.chdir(place.checkout.top)
    try:
        root = RootProcess(
            place.layout, root_settings(place.settings, place.checkout.top), listener
        )
        operator = Operator(root, place.layout, place.settings.grace_s)
        serve_control(root, place.layout, operator)
        keep_out_of_git(place.checkout, place.layout.state_dir)
        prds = accept(place.layout, plans, terms)
    except LockBusyError:
        raise FatalError(already_running(holder_of(place.layout.root_lock) or {})) from None
    except (OSError, StoreError) as error:
        raise FatalError(f"cannot write the state: {error}") from None
    root.on_reload = lambda: reload(request, place, root)
    exit_code = root.run(prds)
    document = root.status()
    say("\n".join(("", summary(document), unfinished(document))).rstrip())
    if exit_code == STOPPED and operator.has_stopped_root and "NOTIFY_SOCKET" in os.environ:
        return 0  # systemd must not start again what an operator has stopped
    return exit_code


def reload(request: Request, place: Place, root: RootProcess) -> None:
    """Read the configuration again, and take PRDs that are new; bad input changes nothing."""
    try:
        now = place_of(request.folder, request.overrides)
        root.change_settings(root_settings(now.settings, now.checkout.top))
        if not request.names and not request.is_resume:
            _take_new(request, now, root)
    except ReportedError as error:
        for line in error.lines(place.checkout.top):
            root.log.tell("reload_failed", line)
        return
    root.log.tell("reloaded", "the configuration was read again")


def _take_new(request: Request, place: Place, root: RootProcess) -> None:
    known = {row.accepted.path for row in root.board.rows.values()}
    found = [path for path in select(request, place, root.board).paths if str(path) not in known]
    terms = terms_of(request, place, root.board)
    known_ids = {row.accepted.path: prd_id for prd_id, row in root.board.rows.items()}
    plans, defects = read_plans(found, known_ids=known_ids, base_branch=terms.base_branch)
    raise_if(defects)
    root.submit(accept(place.layout, plans, terms))


def refuse_inside_agent() -> None:
    """A tree inside a story of a tree would never end."""
    if MARKER in os.environ:
        raise UsageError("this runs inside an agent of prd-supervise; nothing is started from here")


def raise_if(defects: Sequence[Defect]) -> None:
    """Raise if there is any defect."""
    if defects:
        raise InvalidInputError(defects)
