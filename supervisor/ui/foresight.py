"""What plans add to a status: what stories wait for, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from ...policies.values import replace
from ..prd.model import Plan
from ..shell.status.document import StatusDocument
from ..shell.status.estimating import rest_s
from ..shell.status.waiting import with_waits
from ..shell.storage.layout import Layout

AGAIN_S = 2.0
COST_SHARE_MAX = 0.02  # thousands of stories are not played through that often


class Foresight:
    """Reads plans when they change, guesses from time to time, and counts down in between."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._plans: dict[str, tuple[object, Plan]] = {}
        self._known: dict[str, float] = {}
        self._known_s = self._next_s = 0.0

    def told(self, document: StatusDocument, *, is_live: bool) -> StatusDocument:
        """The document with what is foreseen; of what does not run nobody knows how long."""
        open_prds = [prd.id for prd in document.prds if prd.state != "completed"]
        plans = [plan for plan in map(self._plan, open_prds) if plan is not None]
        document = with_waits(document, plans)
        return self._with_rest(document, plans) if is_live else document

    def _with_rest(self, document: StatusDocument, plans: Sequence[Plan]) -> StatusDocument:
        rest = self._rest(document, plans)
        if not rest:
            return document
        prds = tuple(
            replace(prd, rest_s=round(rest[prd.id])) if prd.id in rest else prd
            for prd in document.prds
        )
        return replace(document, prds=prds, rest_s=round(rest[""]))

    def _rest(self, document: StatusDocument, plans: Sequence[Plan]) -> dict[str, float]:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._known = rest_s(document, plans, document.at)
            took_s = time.monotonic() - now_s
            self._known_s, self._next_s = now_s, now_s + max(AGAIN_S, took_s / COST_SHARE_MAX)
        passed_s = now_s - self._known_s
        return {name: max(0.0, rest - passed_s) for name, rest in self._known.items()}

    def _plan(self, prd_id: str) -> Plan | None:
        path = self._layout.plan(prd_id)
        try:
            found = path.stat()
            state = found.st_ino, found.st_mtime_ns
            known = self._plans.get(prd_id)
            if known is None or known[0] != state:
                known = state, msgspec.json.decode(path.read_bytes(), type=Plan)
                self._plans[prd_id] = known
        except (OSError, msgspec.MsgspecError):
            return None
        return known[1]
