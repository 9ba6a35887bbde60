"""Root's part of the metrics: what it measures itself, what PRDs tell it, and where both go."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from ....policies.accounts.parking import Gate, Standing
from ....policies.metrics import families
from ....policies.metrics.exposition import text_of
from ....policies.metrics.tally import Level, Tally
from ....policies.supervising.spec import ExitReason
from ....workers.messages.figures import Measured
from ...core.common import Noted
from ...core.root.records import AccountOpened, AccountShut, PrdSettled, RootRecord
from ..root.process import RootProcess
from ..storage.layout import Layout
from .kept import MetricsFile
from .prd import note_death, why
from .textfile import write_textfile

WRITE_AFTER_S = 1.0  # what was measured is on the disk
TEXT_EVERY_S = 15.0
RETRY_S = 15.0  # on a full disk
_DIED = "prd_restarting"


class RootMeter:
    """Listens to root, and changes nothing."""

    def __init__(self, root: RootProcess, layout: Layout) -> None:
        self._root = root
        self._loop = root.loop
        self._repository = str(layout.repository)
        self._file = MetricsFile(layout.metrics)
        self._tally = Tally()
        self._began_at = time.time()
        self._died: dict[str, ExitReason] = {}
        self._parked: dict[str, tuple[str, float]] = {}  # account: agent, counted up to (monotonic)
        self._met: dict[str, int] = {}  # how often each met its limit in a row
        self._is_due = False
        self._text_due_s = 0.0
        self._stale: set[Path] = set()  # what could not be written, and people know it
        self._tally.count(families.ROOT_STARTS.name)
        for gate in root.board.accounts.values():
            self._note_gate(gate)
        self._write_soon()

    # --- hearing --------------------------------------------------------------------------------

    def on_record(self, record: RootRecord) -> None:
        """Hear what root journals."""
        match record:
            case PrdSettled():
                self._tally.count(families.PRDS.name, (record.state.value,))
            case AccountShut():
                gate = record.gate
                # Others that meet the same limit, and a release, are journalled likewise.
                if gate.standing is Standing.PARKED and gate.times > self._met.get(gate.account, 0):
                    self._tally.count(families.LIMITS.name, (gate.agent, gate.kind.value))
                self._note_gate(gate)
            case AccountOpened():
                self._count_parked()
                self._parked.pop(record.account, None)
                self._met.pop(record.account, None)
            case Noted() if record.event == _DIED:
                reason = why(self._died.pop(record.child_id, None))
                self._tally.count(families.RESTARTS.name, ("prd", reason))
            case Noted():
                return
            case _:
                pass
        self._write_soon()

    def on_measured(self, measured: Measured) -> None:
        """Hear what a PRD's supervisor has measured."""
        self._tally.add(measured.batch)
        self._write_soon()

    def on_gone(self, prd_id: str, reason: ExitReason) -> None:
        """A PRD's supervisor is gone; whether it is started again is told by a record."""
        note_death(self._died, prd_id, reason)

    def on_late(self, late_s: float) -> None:
        """The loop has served what was due, so much later."""
        self._tally.time(families.LAG_S.name, ("root",), late_s)

    def count_notice(self, way: str, result: str) -> None:
        """A notification was delivered, or not."""
        self._tally.count(families.NOTICES.name, (way, result))
        self._write_soon()

    def _note_gate(self, gate: Gate) -> None:
        self._count_parked()
        self._met[gate.account] = gate.times
        if gate.is_shut:
            self._parked[gate.account] = (gate.agent, self._loop.now_s())
        else:
            self._parked.pop(gate.account, None)

    def _count_parked(self) -> None:
        now_s = self._loop.now_s()
        for account, (agent, since_s) in self._parked.items():
            self._tally.count(families.PARKED_S.name, (agent,), now_s - since_s)
            self._parked[account] = (agent, now_s)

    # --- telling --------------------------------------------------------------------------------

    def levels(self, *, is_up: bool = True) -> tuple[Level, ...]:
        """How high things stand now."""
        state, board = self._root.state, self._root.board
        prds = Counter(row.state.value for row in board.rows.values())
        return (
            Level(families.UP.name, (), float(is_up)),
            Level(families.STARTED.name, (), round(self._began_at, 3)),
            Level(families.LEASES.name, (), len(state.leases.held)),
            Level(families.LEASES_MAX.name, (), state.leases.limit),
            Level(families.WAITING.name, (), len(state.leases.waiting)),
            Level(families.PARKED.name, (), len(self._parked)),
            *(Level(families.PRDS_NOW.name, (name,), count) for name, count in prds.items()),
        )

    def _write_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_at(self._loop.now_s() + WRITE_AFTER_S, self._write)

    def _write(self) -> None:
        self._is_due = False
        if not self._keep(is_up=True):
            self._is_due = True
            self._loop.call_at(self._loop.now_s() + RETRY_S, self._write)
        self._tell_text()

    def _keep(self, *, is_up: bool) -> bool:
        self._count_parked()
        batch = self._tally.batch()
        try:
            self._file.append(batch, self.levels(is_up=is_up), time.time())
        except OSError as error:  # what was measured stays here until that works
            self._tell_stale(self._file.path, error)
            return False
        self._stale.discard(self._file.path)
        self._tally = Tally()
        return True

    def _tell_stale(self, path: Path, error: OSError) -> None:
        """Say once that a file is not written any more."""
        if path not in self._stale:
            words = f"{path} cannot be written: {error.strerror or error}; it is stale"
            self._root.log.tell("metrics_stale", words)
        self._stale.add(path)

    def _tell_text(self) -> None:
        """Write the text file, if one is wanted; what changes soon after that waits its time."""
        if not self._root.settings.metrics_textfile or self._text_due_s > self._loop.now_s():
            return
        self._text_due_s = self._loop.now_s() + TEXT_EVERY_S
        self._loop.call_at(self._text_due_s, self._text_again)
        self._write_text(is_up=True)

    def _text_again(self) -> None:
        self._count_parked()
        self._tell_text()

    def _write_text(self, *, is_up: bool) -> None:
        path = Path(self._root.settings.metrics_textfile)
        tally = Tally()
        tally.add(self._file.total)
        tally.add(self._tally.batch())
        labels = {"repository": self._repository}
        text = text_of(tally.batch(), self.levels(is_up=is_up), labels)
        try:
            write_textfile(path, text)
        except OSError as error:
            self._tell_stale(path, error)
        else:
            self._stale.discard(path)

    def close(self) -> None:
        """Root ends: keep the rest, and say that nothing runs any more."""
        self._keep(is_up=False)
        if self._root.settings.metrics_textfile:
            self._write_text(is_up=False)


def measure(root: RootProcess, layout: Layout) -> RootMeter:
    """Measure root from now on, until it ends."""
    meter = RootMeter(root, layout)
    root.ears.on_record.append(meter.on_record)
    root.ears.on_measured.append(meter.on_measured)
    root.ears.on_gone.append(meter.on_gone)
    root.loop.on_late = meter.on_late
    root.on_close.append(meter.close)
    return meter
