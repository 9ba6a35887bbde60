"""How long it will take yet, for who looks again and again."""

from __future__ import annotations

import time

import msgspec

from ...policies.values import replace
from ..prd.model import Plan
from ..shell.status.document import AT_WORK, StatusDocument
from ..shell.status.estimating import QUEUED, rest_s
from ..shell.storage.layout import Layout

AGAIN_S = 2.0
COST_SHARE_MAX = 0.02  # thousands of stories are not played through that often


class Rest:
    """Guesses again from time to time, and counts down in between."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._plans: dict[str, tuple[object, Plan]] = {}
        self._known: dict[str, float] = {}
        self._known_s = self._next_s = 0.0

    def told(self, document: StatusDocument) -> StatusDocument:
        """The document with what is left."""
        rest = self._rest(document)
        if not rest:
            return document
        prds = tuple(
            replace(prd, rest_s=round(rest[prd.id])) if prd.id in rest else prd
            for prd in document.prds
        )
        return replace(document, prds=prds, rest_s=round(rest[""]))

    def _rest(self, document: StatusDocument) -> dict[str, float]:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            plans = [self._plan(prd.id) for prd in document.prds if prd.state in {AT_WORK, QUEUED}]
            known = [plan for plan in plans if plan is not None]
            self._known = rest_s(document, known, document.at)
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
