"""The figures of a root that runs, for its service manager."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from ....policies.accounts.parking import WHYS, Gate, Standing
from ....policies.moments import moment_text
from ....policies.outcomes.outcome import OutcomeKind
from ...core.root.gates import agents_of
from ...core.root.records import PrdState
from ...core.root.state import Root
from ..board import Board, Row
from ..root.status import refusal_of
from .telling import Figures

_ENDS = {PrdState.COMPLETED: "done", PrdState.FAILED: "failed", PrdState.STOPPED: "stopped"}
_LIVE = (PrdState.ACTIVE, PrdState.QUEUED)


def figures_of(root: Root, board: Board, now_s: float) -> Figures:
    """How it stands at this monotonic moment."""
    ours = [board.rows[entry.prd_id] for entry in root.entries]
    live = [row for row in ours if row.state in _LIVE]
    progress = [row.progress() for row in live]
    states = Counter(row.state for row in ours)
    return Figures(
        at_work=states[PrdState.ACTIVE],
        queued=states[PrdState.QUEUED],
        done=sum(each["completed"] for each in progress),
        total=sum(each["total"] for each in progress),
        agents=len(root.leases.held),
        awaiting=sum(map(_awaiting, live)),
        waits=tuple(_waits(root)) if live else (),
        note=refusal_of(root),
        settled=tuple((states[state], how) for state, how in _ENDS.items() if states[state]),
        is_watching=root.stays,
        stop_left_s=None if root.deadline is None else root.deadline.at_s - now_s,
        has_ended=root.has_ended,
    )


def _awaiting(row: Row) -> int:
    return bool(row.awaits) + sum(bool(story.awaits) for story in row.stories.values())


def _waits(root: Root) -> Iterator[str]:
    """What is said of each account that is shut."""
    for gate in sorted(root.gates.accounts.values(), key=lambda each: each.account):
        names = ", ".join(agents_of(root.gates.rules, gate))
        why = WHYS.get(gate.kind, gate.kind.value)
        if gate.standing is Standing.CLOSED:
            yield f"{names} is not started: {why}"
        elif gate.standing is Standing.PARKED and gate.kind is OutcomeKind.RATE_LIMITED:
            yield f"waits for a limit of {names} until {_until(root, gate)}"
        elif gate.standing is Standing.PARKED:
            yield f"waits for {names} until {_until(root, gate)}: {why}"


def _until(root: Root, gate: Gate) -> str:
    return moment_text(gate.until_s, now_s=time.time(), zone_s=root.gates.zone_s)
