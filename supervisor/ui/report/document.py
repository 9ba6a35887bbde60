"""The report as a JSON document for other programs: docs/schema/report.schema.json."""

from __future__ import annotations

from ...shell.costs import spent_document
from .costs import Costs
from .figures import Figures
from .parked import Parked
from .reading import PrdPart, Report, StoryLine

SCHEMA_VERSION = 1


def document(report: Report) -> dict[str, object]:
    """Everything; times in seconds."""
    return {
        "version": SCHEMA_VERSION,
        "in_all": {**_total(report.figures), "costs": _costs(report.costs)},
        "prds": [_prd(part) for part in report.prds],
        "agents": [_agent(each) for each in report.parked],
        "gaps": list(report.gaps),
    }


def _agent(parked: Parked) -> dict[str, object]:
    return {
        "account": parked.account,
        "agent": parked.agent,
        "times": parked.times,
        "parked_s": round(parked.parked_s, 1),
    }


def _prd(part: PrdPart) -> dict[str, object]:
    return {
        "id": part.prd_id,
        "title": part.title,
        "state": part.state,
        "branch": part.branch,
        "landed": part.landed or None,
        **_total(part.figures),
        "costs": _costs(part.costs),
        "stories": [_story(line) for line in part.stories],
    }


def _story(line: StoryLine) -> dict[str, object]:
    return {
        "id": line.story_id,
        "title": line.title,
        "state": line.state,
        "failure": line.failure,
        **_figures(line.figures),
        "costs": _costs(line.costs),
    }


def _costs(costs: Costs) -> dict[str, object]:
    """Dollars and tokens; `lost` of them on attempts that came to nothing."""
    return {
        "spent": spent_document(costs.spent),
        "lost": spent_document(costs.lost),
        "by_agent": [
            {"agent": choice.agent, "model": choice.model or None, **spent_document(spent)}
            for choice, spent in costs.by.items()
        ],
    }


def _total(figures: Figures) -> dict[str, object]:
    return {**_figures(figures), "saved_s": round(figures.saved_s, 1)}


def _figures(figures: Figures) -> dict[str, object]:
    return {
        "wall_s": round(figures.wall_s, 1),
        "agent_s": round(figures.agent_s, 1),
        "verify_s": round(figures.verify_s, 1),
        "setup_s": round(figures.setup_s, 1),
        "waiting_s": round(figures.waiting_s, 1),
        "sequential_s": round(figures.sequential_s, 1),
        "attempts": figures.attempts,
        "lost": figures.lost,
        "conflicts": {
            "predicted": figures.predicted,
            "resolved": figures.resolved,
            "rerun": figures.reruns,
        },
    }
