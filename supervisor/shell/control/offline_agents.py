"""`release --agent` where no root runs: the next one tries these agents at once."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from ....policies import parking
from ....policies.gate_rules import GateRules
from ...core.root.records import AccountShut
from ..root.agents import closed_names
from ..storage.layout import Layout
from ..storage.locks import RootLock
from ..storage.offline import ROOT_KINDS, board_of
from ..storage.store import Store


def release_agents_offline(
    layout: Layout, names: Sequence[str], rules: GateRules
) -> tuple[list[str], list[str]]:
    """Journal it for the next root; give who is released, and why others are not.

    Raises LockBusyError where a root has come up meanwhile, StoreError or OSError.
    """
    lock = RootLock(layout.root_lock, {"pid": os.getpid(), "started_at": time.time()})
    try:
        accounts = board_of(layout).accounts
        shut = {name: accounts.get(rules.account(name)) for name in names}
        found = {gate.account: gate for gate in shut.values() if gate is not None}
        if found:
            now = time.time()
            _journal(layout, [AccountShut(gate=parking.released(g, now)) for g in found.values()])
        known = ", ".join(closed_names(accounts.values(), rules)) or "none"
        refused = [not_held_back(name, known) for name, gate in shut.items() if gate is None]
        return [name for name, gate in shut.items() if gate is not None], refused
    finally:
        lock.close()


def not_held_back(agent: str, known: str) -> str:
    """Why an agent cannot be released; `known` are those that can."""
    return f"{agent}: no start of it is held back; held back: {known}"


def _journal(layout: Layout, records: Sequence[AccountShut]) -> None:
    store = Store(layout.state_dir, ROOT_KINDS)
    try:
        for record in records:
            store.append(record, at=time.time())
        store.flush()
    finally:
        store.close()
