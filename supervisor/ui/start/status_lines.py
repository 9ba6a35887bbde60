"""How far a run has come, printed between its events now and then, if anything has changed.

While no PRD is at work nothing is due: a tree that only watches is to cost nothing.
"""

from __future__ import annotations

import time

from ...core.root.records import PrdBegun, PrdState, RootRecord
from ...shell.board import Row
from ...shell.root.process import RootProcess
from ..printer import Say
from ..progress import progress_lines, what_has_come


class StatusLines:
    """Printed by root itself, every `every_s` seconds at most; 0 is never."""

    def __init__(self, root: RootProcess, every_s: float, say: Say) -> None:
        self._root = root
        self._every_s = every_s
        self._say = say
        self._shown: object = None
        self._is_due = False

    def begin(self) -> None:
        """Print from now on; the first ones when that time has gone by."""
        if self._every_s > 0:
            self._root.ears.on_record.append(self._hear)

    def _hear(self, record: RootRecord) -> None:
        if isinstance(record, PrdBegun) and not self._is_due:
            self._wait()

    def _wait(self) -> None:
        self._is_due = True
        loop = self._root.loop
        loop.call_at(loop.now_s() + self._every_s, self._show)

    def _show(self) -> None:
        self._is_due = False
        if any(map(_is_at_work, self._root.board.rows.values())):
            self._wait()
        document = self._root.status()
        come = what_has_come(document)
        if come != self._shown and (lines := progress_lines(document, time.time())):
            self._shown = come
            self._say("\n".join(lines))


def _is_at_work(row: Row) -> bool:
    return row.state is PrdState.ACTIVE and not row.is_interrupted
