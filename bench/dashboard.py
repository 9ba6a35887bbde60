"""Dashboard: one screen of 50 PRDs with 40 stories each, and one key, in processor time."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.table import Row, row
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import (
    PrdStatus,
    Progress,
    RootStatus,
    StatusDocument,
    StoryStatus,
)
from prd_supervise.supervisor.ui.dashboard.chosen import Chosen
from prd_supervise.supervisor.ui.dashboard.pressing import press
from prd_supervise.supervisor.ui.dashboard.screen import screen
from prd_supervise.supervisor.ui.dashboard.seen import Seen
from prd_supervise.supervisor.ui.looks.rows import Size, Style

PRDS, STORIES = 50, 40
NOW = 1_795_230_764.0
GOAL_MS = 10.0
_STATES = ("done", "done", "running", "waiting", "failed", "queued")
_SIZES = (Size(columns=80, rows=24), Size(columns=200, rows=60))


def measure(*, quick: bool) -> list[Row]:
    """Draw it folded, unfolded and filtered; press a key in the longest list."""
    runs = 20 if quick else 100
    seen = Seen(document=_document(), now=NOW)
    folded = Chosen()
    unfolded, _ = press(seen, folded, "z", _SIZES[0])
    views = {
        "folded": folded,
        "unfolded": unfolded,
        "filtered": replace(unfolded, filter="us-03 running"),
    }
    rows = []
    for size in _SIZES:
        for name, chosen in views.items():
            taken = _timed(lambda: screen(seen, chosen, size, Style()), runs)  # noqa: B023
            rows.append(row(f"{size.columns} x {size.rows}, {name}", taken, goal=GOAL_MS))
    taken = _timed(lambda: press(seen, unfolded, "j", _SIZES[0]), runs)
    return [*rows, row("a key", taken, goal=GOAL_MS)]


def _document() -> StatusDocument:
    prds = tuple(
        PrdStatus(
            id=f"PRD-{number:03}",
            title=f"Product {number}",
            path="prd.json",
            state="active",
            progress=Progress(completed=STORIES // 3, total=STORIES),
            started_at=NOW - 60 * number,
            stories=tuple(
                StoryStatus(
                    id=f"US-{place:03}",
                    title="Books are found by their authors, too",
                    state=_STATES[place % len(_STATES)],
                    attempt=1,
                    agent="claude",
                )
                for place in range(STORIES)
            ),
        )
        for number in range(PRDS)
    )
    return StatusDocument(at=NOW, root=RootStatus(pid=1, state="running"), prds=prds)


def _timed(work: Callable[[], object], runs: int) -> list[float]:
    taken = []
    for _ in range(runs):
        began_s = time.process_time()
        work()
        taken.append(time.process_time() - began_s)
    return taken
