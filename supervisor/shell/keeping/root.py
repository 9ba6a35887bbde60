"""Root's side of retention: when the keeper is started, and what is told of what it did.

It is started only where something is old, so that a night of today costs nothing: soon after the
start, and once a day by the wall clock (as often as the days that are set, where that is less).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from ....policies.costs.budget import NO_BUDGET
from ....policies.counting import counted
from ....policies.keeping import DAY_S, FINISHED
from ....policies.sizes import size_text
from ....policies.supervising.spec import ExitClass, ExitReason
from ....workers.messages.common import Stop
from ....workers.messages.keeping import Tidied, Tidy
from ...core.root.words import PrdsOutlived
from ..root import spawn_targets
from ..root.process import RootProcess
from ..storage.layout import Layout
from .strangers import strangers
from .trimming import trim

CHILD_ID = "/keeper"  # no PRD can have such an id
FIRST_S = 2.0  # after the start, which has enough to do
LOOK_S = 3600.0  # the machine may sleep, and its clock be set
LEAST_S = 10.0  # between two rounds
END_S = 1.5  # that its end may take


class Keeper:
    """Starts the process; it knows nothing of what may go."""

    def __init__(self, root: RootProcess, layout: Layout) -> None:
        self._root = root
        self._loop = root.loop
        self._layout = layout
        self._processes = root.host.processes
        self._incarnation = 0
        self._due_s = 0.0  # by the wall clock
        self._told: set[str] = set()  # only copies of work that people know of
        self._outlived: frozenset[str] = frozenset()  # that root was asked to forget
        self._has_outlived = False
        root.host.outsiders[CHILD_ID] = self
        root.on_ending.append(self.finish)
        self._look_in(FIRST_S)

    def _look_in(self, wait_s: float) -> None:
        self._loop.call_at(self._loop.now_s() + wait_s, self._look)

    def _look(self) -> None:
        now, days = time.time(), self._root.settings.keep_days
        every_s = min(DAY_S, max(LEAST_S, days * DAY_S)) if days else DAY_S
        for log in (self._layout.crash_log, self._layout.background_log):
            with suppress(OSError):  # without room it is tried again
                trim(log)
        if now >= self._due_s or self._due_s > now + DAY_S:
            self._due_s = now + every_s
            self._tidy(now)
        self._look_in(min(LOOK_S, every_s))

    def _tidy(self, now: float) -> None:
        days = self._root.settings.keep_days
        before_s = now - days * DAY_S
        is_wanted = days > 0.0 and not self._root.is_stopping and self._is_old(before_s)
        if not is_wanted or self._processes.pid_of(CHILD_ID) is not None:
            return
        self._incarnation += 1
        arguments = (os.getpid(), str(self._layout.crash_log))
        try:
            self._processes.spawn(CHILD_ID, self._incarnation, spawn_targets.keeper, arguments)
        except OSError as error:  # the system is short of something: in a day, perhaps
            self._root.log.tell("not_tidied", f"it cannot be started: {error.strerror or error}")
            return
        layout = self._layout
        order = Tidy(
            repository=str(layout.repository),
            common_dir=str(layout.common_dir),
            state_dir=str(layout.state_dir),
            worktrees=str(layout.worktrees),
            before_s=before_s,
            # What a run has cost must not become less.
            may_forget=self._root.settings.run_budget == NO_BUDGET,
        )
        self._processes.send(CHILD_ID, order)

    def _is_old(self, before_s: float) -> bool:
        rows = self._root.board.rows
        ended = (row.ended_at for row in rows.values() if row.state.value in FINISHED)
        return any(0.0 < at < before_s for at in ended) or bool(strangers(self._layout, rows))

    # --- the process speaks, or is gone ---------------------------------------------------------

    def hear(self, message: object) -> None:
        """It has done what it could."""
        if not isinstance(message, Tidied):
            return
        tell = self._root.log.tell
        if message.gone:
            room = f", {size_text(message.size_bytes)}" if message.size_bytes else ""
            tell("tidied", f"finished and old: {', '.join(_gone(message))} removed{room}")
        if new := set(message.only_copies) - self._told:
            self._told |= new
            work = counted(len(message.only_copies), "piece")
            text = f"{work} of old work that nothing else holds; `prd-supervise clean` names them"
            tell("kept_back", text)
        for problem in message.problems:
            tell("not_tidied", problem)
        if message.outlived:
            self._root.post(PrdsOutlived(prd_ids=message.outlived))
        outlived = frozenset(message.outlived)
        self._has_outlived = bool(outlived - self._outlived)  # else root has said no: for a day
        self._outlived = outlived

    def gone(self, reason: ExitReason) -> None:
        """The process has ended; once root has forgotten PRDs, their folders can go as well."""
        if reason.exit_class is ExitClass.ABNORMAL and not self._root.is_stopping:
            self._root.log.tell("not_tidied", f"it died: {reason.detail}")
        if self._has_outlived:
            self._has_outlived = False
            self._tidy(time.time())

    def finish(self) -> None:
        """Root ends: what is not removed yet goes another day."""
        self._processes.send(CHILD_ID, Stop(deadline_s=self._loop.now_s(), grace_s=END_S))
        end_s = self._loop.now_s() + END_S
        while self._processes.pid_of(CHILD_ID) is not None and self._loop.now_s() < end_s:
            timer = self._loop.call_at(end_s, lambda: None)
            self._loop.run_once()
            timer.cancel()
        self._processes.kill(CHILD_ID, self._incarnation)


def _gone(tidied: Tidied) -> Iterator[str]:
    for kind, count in sorted(tidied.gone.items()):
        yield kind if kind == "attempts" else counted(count, kind)


def keep(root: RootProcess, layout: Layout) -> None:
    """Tidy up behind this root, as its settings say, until it ends."""
    Keeper(root, layout)
