"""From what was typed to PRDs that can be run, or to a clear no; nothing is changed on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ...core.root.records import PrdState
from ...prd.defect import Defect
from ...prd.graph.embeddings import EmbeddingsError
from ...prd.model import Plan
from ...prd.recorded import read_recorded, with_recorded
from ...shell.board import Board
from ...shell.plans.accepted import read_accepted
from ...shell.plans.identity import known_prds
from ...shell.plans.neighbours import neighbours
from ...shell.plans.scheduling import scheduled
from ...shell.plans.submission import ReadTogether, Terms, read_together
from ...shell.prd_limits import only_reachable
from ...shell.repository.checkout import RepositoryError, commit_of
from ...shell.root.first_state import is_by_person
from ...shell.run_settings import RootSettings
from ...shell.storage.locks import holder_of
from ..checking import around_of, warnings_of
from ..errors import FatalError, UsageError
from ..invalid_input import InvalidInputError, raise_if
from ..known import known_board
from ..place import Place, place_of, refuse_inside_agent
from ..settings.agent import agent_defects, named_agent_warnings
from ..settings.forgotten import forgotten_warnings
from ..settings.landing import landing_warnings
from ..settings.metrics import textfile_defects
from ..settings.notices import notice_defects, notice_hindrances, notice_warnings
from ..settings.similarity import similarity_defect, similarity_defects
from ..settings.template import template_defects
from ..settings.tree import root_settings
from ..settings.worktree_root import root_defects
from ..whereabouts import already_running
from .repairing import damaged, without_damaged
from .selection import Selection, chosen, to_resume, to_start


class Request(Struct, frozen=True, kw_only=True):
    """What was typed."""

    folder: Path
    names: tuple[str, ...]
    overrides: Mapping[str, object]
    is_resume: bool = False
    retry: bool = False
    adopt_branch: bool = False
    from_log: Path | None = None  # what earlier work recorded as done counts as done
    is_interactive: bool = False  # ask people, at the usual points where none are configured
    repairs: bool = False  # records that are damaged: it goes on with what can be read
    watch: bool = False  # stay, and take PRDs as they appear and change
    is_looked_at: bool = True  # by doctor's quick checks


class Prepared(Struct, frozen=True, kw_only=True):
    """What can be run: the plans, and the defects of PRDs that a resume sets aside."""

    place: Place
    terms: Terms
    plans: tuple[Plan, ...]
    set_aside: tuple[Defect, ...]
    notes: tuple[str, ...]
    states: frozenset[PrdState]  # of what was run here before
    warnings: int = 0  # what `check` would warn of
    damaged: tuple[Defect, ...] = ()  # records of PRDs that cannot be trusted
    told: tuple[Defect, ...] = ()  # what one has to know before the night, in full


def prepare(request: Request) -> Prepared:
    """Check everything that can be checked before anything is started."""
    refuse_inside_agent()
    place = place_of(request.folder, request.overrides)
    holder = holder_of(place.layout.root_lock)
    if holder is not None:
        raise FatalError(already_running(holder))
    board = known_board(place.layout)
    work = None if request.from_log is None else read_recorded(request.from_log)
    raise_if(() if work is None else work.defects)
    selection = select(request, place, board)
    raise_if(root_defects(place.settings.worktree.root, place.checkout, os.environ))
    if selection.paths or request.watch:
        raise_if(agent_defects(place.settings, place.checkout.top, os.environ))
    terms = terms_of(request, place, board)
    settings = settings_of(request, place)
    read = read_new(selection.paths, place, board, terms)
    recorded, told = (read.plans, ()) if work is None else with_recorded(read.plans, work)
    runnable, unreachable = only_reachable(recorded, settings.limits, settings.insisted)
    defects = (*read.errors, *unreachable)
    with comparing(place):
        in_order = scheduled(place.layout, runnable, settings)
    plans, notes = chosen(
        selection,
        in_order,
        board,
        top=place.checkout.top,
        plan_of=partial(read_accepted, place.layout),
    )
    if defects and not (request.watch or (request.is_resume and plans)):
        raise InvalidInputError(defects)
    if request.names and notes and not plans:
        raise UsageError("\n".join(notes))
    lost = damaged(plans, board)
    plans = without_damaged(plans, board)
    if lost and not plans and not request.watch:
        raise InvalidInputError(lost)
    return Prepared(
        place=place,
        terms=terms,
        plans=plans,
        set_aside=defects,
        damaged=lost,
        notes=(*selection.notes, *notes, *told),
        states=frozenset(row.state for row in board.rows.values()),
        warnings=len(warnings_of(read, around_of(place.settings, place.checkout.top))),
        told=(
            *named_agent_warnings(place.settings, plans, place.checkout.top),
            *landing_warnings(place.settings.merge, place.checkout, os.environ),
            *notice_warnings(place.settings, place.checkout.top, os.environ),
            *forgotten_warnings(place.settings, plans, place.checkout, os.environ),
        ),
    )


def settings_of(request: Request, place: Place) -> RootSettings:
    """The settings in the tree's own words; what they ask for is installed."""
    raise_if(similarity_defects(place.settings.parallel, place.checkout.top, os.environ))
    raise_if(template_defects(place.settings.agent.prompt, place.checkout.top, os.environ))
    raise_if(notice_defects(place.settings, place.checkout.top, os.environ))
    raise_if(notice_hindrances(place.settings, place.checkout.top, os.environ))
    raise_if(textfile_defects(place.settings, place.checkout.top, os.environ))
    settings = root_settings(place.settings, place.checkout.top, request.overrides)
    return replace(settings, stays=request.watch)


def read_new_plans(
    paths: Sequence[Path], place: Place, board: Board, terms: Terms, settings: RootSettings
) -> tuple[tuple[Plan, ...], tuple[Defect, ...]]:
    """Read PRD files for a tree with these settings, and say what keeps them from being run."""
    read = read_new(paths, place, board, terms)
    plans, unreachable = only_reachable(read.plans, settings.limits, settings.insisted)
    with comparing(place):
        return scheduled(place.layout, plans, settings), (*read.errors, *unreachable)


@contextmanager
def comparing(place: Place) -> Iterator[None]:
    """A model that cannot be used is a defect of the settings that ask for it."""
    try:
        yield
    except EmbeddingsError as error:
        defect = similarity_defect(str(error), place.checkout.top, os.environ)
        raise InvalidInputError((defect,)) from None


def read_new(paths: Sequence[Path], place: Place, board: Board, terms: Terms) -> ReadTogether:
    """Read PRD files; those that were run before keep their ids."""
    return read_together(
        paths,
        known=known_prds(board.rows, partial(read_accepted, place.layout)),
        base_branch=terms.base_branch,
        neighbours=lambda: neighbours(place.layout, place.settings.prds, board.rows),
    )


def select(request: Request, place: Place, board: Board) -> Selection:
    """Choose the PRDs."""
    top = place.checkout.top
    # Work that somebody else began may not have been run here at all.
    is_new = request.from_log is not None and (request.names or not board.rows)
    if request.is_resume and not is_new:
        return to_resume(top, board, request.names, retry=request.retry, by_person=is_by_person())
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
