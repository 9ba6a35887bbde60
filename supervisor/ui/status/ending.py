"""How a run ended: its last lines."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.budget import short_text
from ...shell.lines import safe
from ...shell.status.document import PrdStatus, StatusDocument
from ..columns import cells as cells_of
from ..columns import table
from .hints import harvest, hints
from .overview import prd_rows
from .painting import own_style, own_width, painted
from .times import duration
from .words import spent_of


def summary(prds: Sequence[PrdStatus]) -> str:
    """A table of the PRDs."""
    has_costs = any(prd.spent.tokens or prd.spent.usd for prd in prds)
    headings = ("PRD", "state", "stories", "time", *("cost",) * has_costs, "branch")
    rows: list[Sequence[str]] = [headings, *(_line(prd, has_costs=has_costs) for prd in prds)]
    widths = [max(cells_of(row[column]) for row in rows) for column in range(len(headings))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(table(rows, widths))


def _line(prd: PrdStatus, *, has_costs: bool) -> Sequence[str]:
    progress = f"{prd.progress.completed}/{prd.progress.total}"
    costs = (short_text(spent_of(prd.spent)),) if has_costs else ()
    return (prd.id, prd.state, progress, duration(prd.runtime_s), *costs, safe(prd.branch))


def unfinished(document: StatusDocument) -> str:
    """What is not done and why, when root has ended; and what to type about it."""
    style, width = own_style(), own_width()
    lines: list[str] = []
    for prd in document.prds:
        if prd.state in {"failed", "stopped"}:
            lines += ["", *painted(prd_rows(prd, document.at, width), style)]
    for told in (hints(document, root_serves=False), harvest(document.prds)):
        lines += ["", *told] if told else []
    return "\n".join(lines)
