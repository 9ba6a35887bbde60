"""What root's journal tells of accounts, in the form of the public event log."""

from __future__ import annotations

from ....policies.accounts.parking import WHYS
from ...core.root.records import AccountOpened, AccountShut
from .eventlog import Event, event_of


def account_event(record: AccountShut | AccountOpened, at: float) -> Event:
    """Whose agents are started no more, or again."""
    if isinstance(record, AccountOpened):
        return event_of("agent_opened", f"{record.agent} is started again", at=at)
    gate = record.gate
    why = WHYS.get(gate.kind, gate.kind.value)
    text = f"{gate.agent}, for {why}: {gate.reason}"
    return event_of(f"agent_{gate.standing.value}", text, at=at)
