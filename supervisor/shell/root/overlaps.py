"""Root's table of the files that stories of different PRDs declare."""

from __future__ import annotations

from collections.abc import Iterable

from ....policies.overlap import Key, Overlaps
from ....workers.messages.rules import Strategy
from ...core.root.overlaps import Met
from ...core.root.words import PrdState, ScopesRead
from ...prd.graph.scopes import meeting_point, touching
from ...prd.model import Plan
from ..board import Board
from ..plans.accepted import read_accepted
from ..prd_limits import merging_of
from ..run_settings import RootSettings
from ..storage.eventlog import EventLog
from ..storage.layout import Layout

STORIES_MAX = 10_000  # of all PRDs: what is looked at takes the square of this, in bits


def scopes_read(layout: Layout, board: Board, settings: RootSettings) -> ScopesRead:
    """Look at the stories of all PRDs that are at work: one is new, or has another plan."""
    active = [prd_id for prd_id, row in board.rows.items() if row.state is PrdState.ACTIVE]
    plans = [plan for prd_id in active if (plan := read_accepted(layout, prd_id)) is not None]
    strategies = {
        plan.prd_id: merging_of(settings.merging, settings.insisted, plan).strategy
        for plan in plans
    }
    return ScopesRead(table=table_of(plans, strategies))


def table_of(plans: Iterable[Plan], strategies: dict[str, Strategy]) -> Overlaps:
    """Of two PRDs with different strategies the stricter one holds for what both touch."""
    scopes: dict[Key, tuple[str, ...]] = {
        (plan.prd_id, story.story_id): story.files
        for plan in plans
        for story in plan.stories
        if story.files and not (story.is_done or story.is_skipped)
    }
    prds = {prd_id for prd_id, _ in scopes}
    is_quiet = all(strategies[prd_id] is Strategy.NONE for prd_id in prds)
    if len(prds) < 2 or is_quiet or len(scopes) > STORIES_MAX:  # noqa: PLR2004  a PRD and another
        return Overlaps()
    places = {key: at for at, key in enumerate(scopes)}
    own: dict[str, int] = {}
    of: dict[Strategy, int] = dict.fromkeys(Strategy, 0)
    for (prd_id, _), at in places.items():
        own[prd_id] = own.get(prd_id, 0) | 1 << at
        of[strategies[prd_id]] |= 1 << at
    met = touching(list(scopes.values()))
    apart, told = [], []
    for (prd_id, _), at in places.items():
        others = met[at] & ~own[prd_id]
        strict = others if strategies[prd_id] is Strategy.FILE else others & of[Strategy.FILE]
        rest = others & ~strict
        apart.append(strict)
        told.append(rest & of[Strategy.ENTITY] if strategies[prd_id] is Strategy.NONE else rest)
    return Overlaps(places=places, apart=tuple(apart), told=tuple(told))


def tell_meeting(log: EventLog, layout: Layout, met: Met) -> None:
    """Tell people that a story waits for another PRD's, or that their work will meet."""
    other, where = "/".join(met.other), _where(layout, met)
    event, text = "overlap", f"{other} is at work too: {where}; their branches meet in the base"
    if met.waits:
        event, text = "files_taken", f"waits for {other}, which is at work: {where}"
    log.tell(event, text, prd_id=met.story[0], story_id=met.story[1])


def _where(layout: Layout, met: Met) -> str:
    one, its = (_files(layout, key) for key in (met.story, met.other))
    point = meeting_point(one, its)
    if point is None:
        return "they declare the same files"
    if point[0] == point[1]:
        return f"both declare {point[0]}"
    return f"{point[0]} and {point[1]} can be the same path"


def _files(layout: Layout, key: Key) -> tuple[str, ...]:
    plan = read_accepted(layout, key[0])
    stories = plan.stories if plan is not None else ()
    return next((story.files for story in stories if story.story_id == key[1]), ())
