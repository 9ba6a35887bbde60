"""What `status` says of the agents that are not simply started when a story wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ....policies.gate_rules import GateRules
from ....policies.parking import WHYS, Gate, Standing
from ...core.root.gates import agents_of

NO_RULES = GateRules()


def agents_document(
    accounts: Mapping[str, Gate], rules: GateRules = NO_RULES
) -> list[dict[str, object]]:
    """An entry for each agent whose account is parked, on trial, closed or strained."""
    known = sorted(accounts.values(), key=lambda gate: gate.account)
    return [
        _agent(gate, name)
        for gate in known
        for name in agents_of(rules, gate)
        if gate.standing is not Standing.OPEN or gate.strain is not None
    ]


def _agent(gate: Gate, name: str) -> dict[str, object]:
    is_open = gate.standing is Standing.OPEN
    return {
        "agent": name,
        "account": gate.account,
        "state": "strained" if is_open else gate.standing.value,
        "kind": None if is_open else gate.kind.value,
        "why": None if is_open else WHYS.get(gate.kind, gate.kind.value),
        "reason": None if is_open else gate.reason or None,
        "since": None if is_open else gate.since_s,
        "until": gate.until_s if gate.standing is Standing.PARKED else None,
        "utilization": None if gate.strain is None else gate.strain.utilization,
    }


def closed_names(accounts: Iterable[Gate], rules: GateRules) -> tuple[str, ...]:
    """The agents that a release is of use to, for people."""
    shut = (gate for gate in accounts if gate.standing is not Standing.OPEN or gate.strain)
    return tuple(name for gate in shut for name in agents_of(rules, gate))
