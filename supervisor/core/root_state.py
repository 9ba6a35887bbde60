"""Root's state: the PRDs in the order in which they were accepted, and who may run agents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from ...policies.admission import Leases
from ...policies.shutdown import Deadline
from ...policies.spec import Restart
from ...workers.messages.prd import PrdEnded
from .root_words import PrdAccepted, PrdBegun, PrdSettled, PrdState, RootRecord
from .supervisor_state import Supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A PRD that root knows; `outcome` is what its supervisor said last, before it ended."""

    accepted: PrdAccepted
    state: PrdState = PrdState.QUEUED
    reasons: tuple[str, ...] = ()
    outcome: PrdEnded | None = None
    is_stopping: bool = False

    @property
    def prd_id(self) -> str:
        """The PRD's id, which is its supervisor's child id as well."""
        return self.accepted.prd_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Root's whole state; entries stand in the order in which they were accepted."""

    supervisor: Supervisor
    leases: Leases
    max_prds: int
    grace_s: float
    restart: Restart = Restart.TRANSIENT  # of the PRD supervisors
    fail_fast: bool = False
    entries: tuple[Entry, ...] = ()
    deadline: Deadline | None = None
    storage_is_full: bool = False
    has_failed_fast: bool = False
    has_ended: bool = False

    def entry(self, prd_id: str) -> Entry | None:
        """What is known of a PRD."""
        return next((entry for entry in self.entries if entry.prd_id == prd_id), None)


def remember(entries: tuple[Entry, ...], record: RootRecord) -> tuple[Entry, ...]:
    """The PRDs after this record; the same while the night runs and when it is replayed."""
    match record:
        case PrdAccepted():
            kept = tuple(entry for entry in entries if entry.prd_id != record.prd_id)
            return (*kept, Entry(accepted=record))
        case PrdBegun():
            return _changed(entries, record.prd_id, PrdState.ACTIVE, ())
        case PrdSettled():
            return _changed(entries, record.prd_id, record.state, record.reasons)
        case _:
            assert_never(record)


def _changed(
    entries: tuple[Entry, ...], prd_id: str, state: PrdState, reasons: tuple[str, ...]
) -> tuple[Entry, ...]:
    return tuple(
        replace(entry, state=state, reasons=reasons, outcome=None, is_stopping=False)
        if entry.prd_id == prd_id
        else entry
        for entry in entries
    )
