"""What root pushes to those who watch it: computed and encoded once for all, while there are any.

What changes is told at most every quarter of a second, figures once a second, events at once. Of
PRDs in which nothing is new nothing is computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ....policies.values import replace
from ....workers.process.eventloop import Timer
from ...core.root.state import Root
from ..status.changes import change_between
from ..status.document import AT_WORK, PrdStatus, StatusDocument
from ..status.encoding import encoded
from ..status.making import prd_status
from ..storage.eventlog import Event
from ..storage.layout import Layout
from .agents import agents_status
from .overlaps import KeptBack
from .process import RootProcess
from .status import about_root, stopping_prds, with_stop

CHANGES_EVERY_S = 0.25
FIGURES_EVERY_S = 1.0

Say = Callable[[bytes], bool]  # to all who watch; say whether anybody does


class Feed:
    """Knows what the watchers know."""

    def __init__(self, root: RootProcess, layout: Layout, say: Say) -> None:
        self._root = root
        self._say = say
        self._kept = KeptBack(layout)
        self._told: StatusDocument | None = None  # None: nobody watches
        self._state: Root | None = None  # of which that was told
        self._whole = b""
        self._told_s = 0.0
        self._next: Timer | None = None  # for what has changed
        root.on_turn.append(self.on_turn)
        root.log.listeners.append(self.on_event)

    def whole(self) -> bytes:
        """The answer to who begins to watch; what the others do not know yet they are told now."""
        if self._told is None:
            self._root.board.stale.clear()
            self._told = self._root.status()
            self._state = self._root.state
            self._set_beat()
        else:
            self._tell(with_figures=True)
        self._whole = self._whole or encoded({"ok": True, "status": self._told})
        return self._whole

    def on_turn(self) -> None:
        """See whether something is to be told, now or soon."""
        if self._told is None or self._next is not None or not self._has_news():
            return
        at_s = self._told_s + CHANGES_EVERY_S
        self._next = self._root.loop.call_at(at_s, self._on_time)

    def on_event(self, event: Event) -> None:
        """Pass an event on."""
        if self._told is not None:
            self._say(encoded({"event": event}))

    def _has_news(self) -> bool:
        return self._root.state is not self._state or bool(self._root.board.stale)

    def _on_time(self) -> None:
        self._next = None
        self._tell(with_figures=False)

    def _on_beat(self) -> None:
        if self._tell(with_figures=True):
            self._set_beat()
            return
        self._told, self._state, self._whole = None, None, b""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _set_beat(self) -> None:
        at_s = self._root.loop.now_s() + FIGURES_EVERY_S
        self._root.loop.call_at(at_s, self._on_beat)

    def _tell(self, *, with_figures: bool) -> bool:
        """Say what has changed; with nothing to say it is a sign of life."""
        before = self._told
        if before is None:
            return False
        now = self._now(before, with_figures=with_figures)
        self._told, self._state, self._whole = now, self._root.state, b""
        self._told_s = self._root.loop.now_s()
        return self._say(encoded(change_between(before, now)))

    def _now(self, before: StatusDocument, *, with_figures: bool) -> StatusDocument:
        """The document, of which only is made anew what can be other than before."""
        board, about, at = self._root.board, self._root.now(), time.time()
        known = {prd.id: prd for prd in before.prds}
        kept, met = self._kept.now(about.root)
        stopping = stopping_prds(about.root)
        stale = board.stale | {prd_id for prd_id, _ in met}
        stale |= {prd.id for prd in before.prds if prd.stopping is not (prd.id in stopping)}
        board.stale.clear()
        if with_figures:
            stale |= {prd.id for prd in before.prds if _has_figures(prd)}
        prds = tuple(
            known[prd_id]
            if prd_id in known and prd_id not in stale
            else with_stop(
                prd_status(board, prd_id, at, usage_of=about.stories.usage, kept_back=kept),
                stopping,
            )
            for prd_id in board.rows
        )
        gates, root = about.root.gates, about_root(about)
        if not with_figures:
            root = replace(root, cpu_s=before.root.cpu_s)
        return StatusDocument(
            at=at,
            root=root,
            agents=agents_status(gates.accounts, gates.rules),
            prds=prds,
        )


def _has_figures(prd: PrdStatus) -> bool:
    return prd.state == AT_WORK or any(story.usage is not None for story in prd.stories)
