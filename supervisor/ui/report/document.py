"""The report as a JSON document for other programs: docs/schema/report.schema.json."""

from __future__ import annotations

from msgspec import Struct, to_builtins

from ....policies.outcomes.outcome import VerifyRun
from ...shell.costs import spent_document
from ...shell.prd.implementation_log import moment
from ...shell.storage.results import Runs
from .attempts import Attempt
from .costs import Costs
from .figures import Figures
from .files import Files
from .headline import headline, standings
from .parked import Parked
from .reading import PrdPart, Report, StoryLine
from .wants import harvest_of, waits_of, wants_of

SCHEMA_VERSION = 1


def document(report: Report) -> dict[str, object]:
    """Everything; times in seconds, moments in UTC."""
    return {
        "version": SCHEMA_VERSION,
        "at": _moment(report.at),
        "since": _moment(report.since),
        "headline": headline(report),
        "standings": {each.value: count for each, count in standings(report).items()},
        "wants": [_plain(want) for want in wants_of(report)],
        "waits": list(waits_of(report)),
        "harvest": list(harvest_of(report)),
        "in_all": {**_total(report.figures), "costs": _costs(report.costs)},
        "prds": [_prd(part) for part in report.prds],
        "agents": [_agent(each) for each in report.parked],
        "gaps": list(report.gaps),
    }


def _plain(value: Struct) -> object:
    return to_builtins(value)


def _moment(at: float) -> str | None:
    return moment(at) if at else None


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
        "base": part.base or None,
        "landed": part.landed or None,
        "note": part.note or None,
        "awaits": part.awaits or None,
        **_total(part.figures),
        "costs": _costs(part.costs),
        "stories": [_story(line) for line in part.stories],
    }


def _story(line: StoryLine) -> dict[str, object]:
    return {
        "id": line.story_id,
        "title": line.title,
        "state": line.state,
        "agent": line.agent or None,
        "model": line.model or None,
        "began": _moment(line.lifespan.began),
        "decided": _moment(line.lifespan.decided),
        "commit": line.commit or None,
        "evidence": line.evidence or None,
        "verified": _runs(line.runs),
        "review": _review(line),
        "files": _files(line.files),
        "tampering": list(line.tampering),
        "remarks": list(line.remarks),
        "awaits": line.awaits or None,
        "failure": None if line.failure is None else _plain(line.failure),
        "tries": [_attempt(each) for each in line.attempts],
        **_figures(line.figures),
        "costs": _costs(line.costs),
    }


def _runs(runs: Runs) -> dict[str, object]:
    return {"base": _run(runs.base), "story": _run(runs.story), "merged": _run(runs.merged)}


def _run(run: VerifyRun | None) -> dict[str, object] | None:
    if run is None:
        return None
    return {
        "commit": run.commit,
        "is_green": run.is_green,
        "commands": [
            {
                "command": each.command,
                "exit_code": each.exit_code,
                "took_s": round(each.duration_s, 1),
            }
            for each in run.commands
        ],
    }


def _review(line: StoryLine) -> dict[str, object] | None:
    review = line.review
    if review.verdict is None:
        return None
    return {"verdict": review.verdict.value, "agent": review.agent, "text": review.text}


def _files(files: Files) -> dict[str, object]:
    return {
        "created": list(files.created),
        "modified": list(files.modified),
        "deleted": list(files.deleted),
        "not_listed": files.more,
    }


def _attempt(attempt: Attempt) -> dict[str, object]:
    return {
        "number": attempt.number,
        "place": attempt.place,
        "began": moment(attempt.began),
        "took_s": round(attempt.ended - attempt.began, 1),
        "end": attempt.end.value,
        "agent": attempt.agent or None,
        "model": attempt.model or None,
        "reason": attempt.reason or None,
        "type": attempt.type or None,
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
