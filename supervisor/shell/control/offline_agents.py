"""`release --agent` where no root runs: the next one tries these agents at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ....policies.accounts import parking
from ....policies.accounts.gate_rules import GateRules
from ...core.root.records import AccountShut
from ..root.agents import closed_names
from ..storage.layout import Layout
from ..storage.offline import board_of
from .offline import journal, no_root


def release_agents_offline(
    layout: Layout, names: Sequence[str], rules: GateRules
) -> tuple[list[str], list[str]]:
    """Journal it for the next root; give who is released, and why others are not.

    Raises LockBusyError where a root has come up meanwhile, StoreError or OSError.
    """
    with no_root(layout):
        accounts = board_of(layout).accounts
        shut = {name: accounts.get(rules.account(name)) for name in names}
        found = {gate.account: gate for gate in shut.values() if gate is not None}
        if found:
            now = time.time()
            journal(layout, [AccountShut(gate=parking.released(g, now)) for g in found.values()])
        known = ", ".join(closed_names(accounts.values(), rules)) or "none"
        refused = [not_held_back(name, known) for name, gate in shut.items() if gate is None]
        return [name for name, gate in shut.items() if gate is not None], refused


def not_held_back(agent: str, known: str) -> str:
    """Why an agent cannot be released; `known` are those that can."""
    return f"{agent}: no start of it is held back; held back: {known}"
