"""Root's table of what keeps stories of different PRDs apart: declared files and mutex names."""

from __future__ import annotations

from collections.abc import Iterable

from ....policies.scheduling.overlap import Key, Overlaps
from ....workers.messages.rules import Strategy
from ...core.root.overlaps import Met, kept_back
from ...core.root.records import PrdState
from ...core.root.state import Root
from ...core.root.words import ScopesRead
from ...prd.graph.scopes import meeting_point, touching
from ...prd.model import Plan, PlannedStory
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
    """Of two PRDs with different strategies the stricter one holds for what both touch.

    A name of a mutex holds with every strategy.
    """
    scopes: dict[Key, PlannedStory] = {
        (plan.prd_id, story.story_id): story
        for plan in plans
        for story in plan.stories
        if (story.files or names_of(story)) and not (story.is_done or story.is_skipped)
    }
    prds = {prd_id for prd_id, _ in scopes}
    if len(prds) < 2 or len(scopes) > STORIES_MAX:  # noqa: PLR2004  a PRD and another
        return Overlaps()
    places = {key: at for at, key in enumerate(scopes)}
    own: dict[str, int] = {}
    of: dict[Strategy, int] = dict.fromkeys(Strategy, 0)
    for (prd_id, _), at in places.items():
        own[prd_id] = own.get(prd_id, 0) | 1 << at
        of[strategies[prd_id]] |= 1 << at
    is_quiet = all(strategies[prd_id] is Strategy.NONE for prd_id in prds)
    met = touching([() if is_quiet else story.files for story in scopes.values()])
    holders: dict[str, int] = {}
    for key, story in scopes.items():
        for name in names_of(story):
            holders[name] = holders.get(name, 0) | 1 << places[key]
    apart, told = [], []
    for (prd_id, story_id), at in places.items():
        named = 0
        for name in names_of(scopes[prd_id, story_id]):
            named |= holders[name] & ~own[prd_id]
        others = met[at] & ~own[prd_id]
        strict = others if strategies[prd_id] is Strategy.FILE else others & of[Strategy.FILE]
        strict |= named
        rest = others & ~strict
        apart.append(strict)
        told.append(rest & of[Strategy.ENTITY] if strategies[prd_id] is Strategy.NONE else rest)
    return Overlaps(places=places, apart=tuple(apart), told=tuple(told))


def names_of(story: PlannedStory) -> tuple[str, ...]:
    """The names that it holds over all PRDs; that of a group of its PRD is no such name."""
    own = f"group {story.group}" if story.group else ""
    return tuple(name for name in story.mutex if name != own)


class KeptBack:
    """The same again and again: plans are only read when somebody waits for somebody else."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._texts: dict[tuple[Key, Key], str] = {}
        self._known: dict[Key, str] = {}

    def now(self, root: Root) -> tuple[dict[Key, str], set[Key]]:
        """What stories wait for, and those for which that is other than at the last look."""
        kept = kept_back(root.meetings, root.leases)
        texts = {
            pair: self._texts.get(pair) or _waits_text(self._layout, *pair) for pair in kept.items()
        }
        now = {key: texts[key, other] for key, other in kept.items()}
        changed = {key for key, _ in now.items() ^ self._known.items()}
        self._texts, self._known = texts, now
        return now, changed


def kept_back_now(layout: Layout, root: Root) -> dict[Key, str]:
    """What each story waits for that another PRD's keeps from beginning, for people."""
    kept = kept_back(root.meetings, root.leases)
    return {key: _waits_text(layout, key, other) for key, other in kept.items()}


def _waits_text(layout: Layout, key: Key, other: Key) -> str:
    return f"waits for {'/'.join(other)}, which is at work: {_where(layout, key, other)}"


def tell_meeting(log: EventLog, layout: Layout, met: Met) -> None:
    """Tell people that a story waits for another PRD's, or that their work will meet."""
    other, where = "/".join(met.other), _where(layout, met.story, met.other)
    event, text = "overlap", f"{other} is at work too: {where}; their branches meet in the base"
    if met.waits:
        event, text = "files_taken", _waits_text(layout, met.story, met.other)
    log.tell(event, text, prd_id=met.story[0], story_id=met.story[1])


def _where(layout: Layout, key: Key, other: Key) -> str:
    one, its = _planned(layout, key), _planned(layout, other)
    if one is None or its is None:
        return "they declare the same files"
    common = [name for name in names_of(one) if name in names_of(its)]
    if common:
        return f"both have the mutex {common[0]}"
    point = meeting_point(one.files, its.files)
    if point is None:
        return "they declare the same files"
    if point[0] == point[1]:
        return f"both declare {point[0]}"
    return f"{point[0]} and {point[1]} can be the same path"


def _planned(layout: Layout, key: Key) -> PlannedStory | None:
    plan = read_accepted(layout, key[0])
    stories = plan.stories if plan is not None else ()
    return next((story for story in stories if story.story_id == key[1]), None)
