"""What the journals of a repository tell, put together for a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ....policies.counting import counted
from ...shell.storage.history import History, read_history
from ...shell.storage.layout import Layout
from ...shell.storage.offline import ROOT_KINDS
from ...shell.storage.recollection import KINDS
from .costs import NO_COSTS, Costs, costs_added, story_costs
from .figures import Figures, in_all, prd_figures, story_figures
from .parked import Parked, parked_of
from .spans import Span, merged, spans_of

ACTIVE = "active"
_NOTHING = Figures()


class StoryLine(Struct, frozen=True, kw_only=True):
    """A story, and what it took; nothing, if it was never begun."""

    story_id: str
    title: str
    state: str
    figures: Figures
    costs: Costs = NO_COSTS
    failure: Mapping[str, Any] | None = None  # as in the status document


class PrdPart(Struct, frozen=True, kw_only=True):
    """A PRD with its stories."""

    prd_id: str
    title: str
    state: str
    branch: str
    landed: str
    figures: Figures
    spans: tuple[Span, ...]
    stories: tuple[StoryLine, ...]
    costs: Costs = NO_COSTS


class Report(Struct, frozen=True, kw_only=True):
    """Everything; `gaps` says in words what the journals can no longer tell."""

    prds: tuple[PrdPart, ...]
    figures: Figures
    costs: Costs = NO_COSTS
    gaps: tuple[str, ...] = ()
    parked: tuple[Parked, ...] = ()  # accounts whose agents were not started for a while


def report_of(
    layout: Layout, document: Mapping[str, Any], prd_ids: Sequence[str], *, now: float
) -> Report:
    """Report on these PRDs; the status document has how they stand."""
    root = read_history(layout.state_dir, ROOT_KINDS)
    is_serving = document["root"]["pid"] is not None
    wanted = [prd for prd in document["prds"] if prd["id"] in prd_ids]
    gaps = [*_gaps("root", root)]
    parts: list[PrdPart] = []
    for prd in wanted:
        own = read_history(layout.prd(prd["id"]), KINDS)
        gaps += _gaps(prd["id"], own)
        is_live = is_serving and prd["state"] == ACTIVE
        parts.append(_part(prd, root, own, now=now if is_live else None))
    figures = in_all((part.figures, part.spans) for part in parts)
    costs = costs_added(part.costs for part in parts)
    at_work = merged(span for part in parts for span in part.spans)
    return Report(
        prds=tuple(parts),
        figures=figures,
        costs=costs,
        gaps=tuple(gaps),
        parked=parked_of(root.records, at_work),
    )


def _part(prd: Mapping[str, Any], root: History, own: History, *, now: float | None) -> PrdPart:
    spans = spans_of(prd["id"], root.records, own.records, now=now)
    told = story_figures(own.records, spans, is_live=now is not None)
    costs = story_costs(own.records)
    lines = tuple(
        StoryLine(
            story_id=story["id"],
            title=story["title"],
            state=story["state"],
            figures=told.get(story["id"], _NOTHING),
            failure=story.get("failure"),
            costs=costs.get(story["id"], NO_COSTS),
        )
        for story in prd["stories"]
    )
    return PrdPart(
        prd_id=prd["id"],
        title=prd["title"],
        state=prd["state"],
        branch=prd["branch"],
        landed=prd.get("landed") or "",
        figures=prd_figures(told, own.records, spans),
        spans=spans,
        costs=costs_added(costs.values()),
        stories=lines,
    )


def _gaps(name: str, history: History) -> tuple[str, ...]:
    found = []
    if history.is_cut:
        found.append(f"the oldest records of {name} are no longer kept: it took more than this")
    if history.unreadable:
        found.append(f"{counted(history.unreadable, 'line')} of {name}'s journals cannot be read")
    return tuple(found)
