"""`plan`: what would run beside what, in which order and why; nothing is started or written."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...shell.plans.scheduling import needed_plans
from ...shell.plans.similarities import comparison
from ...shell.plans.submission import Terms
from ...shell.prd.role_context import contexts_of
from ...shell.prd_limits import limits_of, only_reachable
from ...shell.repository.checkout import RepositoryError, tracked_files
from ...shell.storage.durations import durations
from ..errors import FatalError
from ..invalid_input import raise_if
from ..known import known_board
from ..looks.painting import page_width
from ..place import place_of
from ..printer import show
from ..settings.agent import agent_defects, is_any_set
from ..start.prepare import Request, comparing, read_new, settings_of
from ..start.selection import to_check
from .document import document
from .dot import dot
from .outlook import Known, Outlook, outlook, places_of
from .text import plan_text
from .tree import tree_text

WIDTH_MAX = 200


def plan(folder: Path, names: Sequence[str], said: Mapping[str, object], form: str) -> int:
    """Print the plan of the PRDs named, or of all that are found; `said` goes before settings."""
    request = Request(folder=folder, names=tuple(names), overrides=said)
    found, notes = _look(request)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)  # noqa: T201
    match form:
        case "json":
            show(json.dumps(document(found), indent=2, ensure_ascii=False))
        case "dot":
            show(dot(found))
        case "tree":
            show(tree_text(found, width=page_width(WIDTH_MAX)))
        case _:
            show(plan_text(found, width=page_width(WIDTH_MAX)))
    return 0


def _look(request: Request) -> tuple[Outlook, tuple[str, ...]]:
    place = place_of(request.folder, request.overrides)
    layout, settings = place.layout, settings_of(request, place)
    board = known_board(layout)
    selection = to_check(place.checkout.top, board, place.settings.prds, request.names)
    terms = Terms(base="", base_branch=place.settings.merge.base or place.checkout.branch)
    read = read_new(selection.paths, place, board, terms)
    plans, unreachable = only_reachable(read.plans, settings.limits, settings.insisted)
    raise_if((*read.errors, *unreachable))
    try:
        files = tracked_files(place.checkout)
    except RepositoryError as error:
        raise FatalError(str(error)) from None
    limits = {each.prd_id: limits_of(settings.limits, settings.insisted, each) for each in plans}
    workers = {prd_id: each.max_workers for prd_id, each in limits.items()}
    auto = frozenset(prd_id for prd_id, each in limits.items() if each.auto_workers)
    places = places_of(plans, workers, settings.max_prds, settings.api_limit, auto=auto)
    contexts = contexts_of(place.checkout.top, settings.secrets, settings.agents)
    hindrances = agent_defects(place.settings, place.checkout.top, os.environ)
    known = Known(
        board=board,
        around=needed_plans(layout, plans),
        files=files,
        took_s=durations(layout, board.rows),
        similar=comparison(settings.inference, layout, is_kept=False),
        agents=settings.agents if is_any_set(place.settings) else None,
        approve=settings.approve,
        context_of=lambda role: contexts.of(role).note,
    )
    with comparing(place):
        found = outlook(plans, settings.inference, places, known)
    return found, (*selection.notes, *(each.message for each in hindrances))
