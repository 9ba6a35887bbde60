"""What `status` says of the agents that are not simply started when a story wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ....policies.accounts.gate_rules import GateRules
from ....policies.accounts.parking import WHYS, Gate, Standing
from ....policies.values import replace
from ...core.root.gates import agents_of
from ..status.document import AgentStatus

NO_RULES = GateRules()


def agents_status(
    accounts: Mapping[str, Gate], rules: GateRules = NO_RULES
) -> tuple[AgentStatus, ...]:
    """An entry for each agent whose account is parked, on trial, closed or strained."""
    known = sorted(accounts.values(), key=lambda gate: gate.account)
    return tuple(
        _agent(gate, name)
        for gate in known
        for name in agents_of(rules, gate)
        if gate.standing is not Standing.OPEN or gate.strain is not None
    )


def _agent(gate: Gate, name: str) -> AgentStatus:
    if gate.standing is Standing.OPEN:
        seen = AgentStatus(agent=name, account=gate.account, state="strained")
    else:
        seen = AgentStatus(
            agent=name,
            account=gate.account,
            state=gate.standing.value,
            kind=gate.kind.value,
            why=WHYS.get(gate.kind, gate.kind.value),
            reason=gate.reason or None,
            since=gate.since_s,
            until=gate.until_s if gate.standing is Standing.PARKED else None,
        )
    return replace(seen, utilization=None if gate.strain is None else gate.strain.utilization)


def closed_names(accounts: Iterable[Gate], rules: GateRules) -> tuple[str, ...]:
    """The agents that a release is of use to, for people."""
    shut = (gate for gate in accounts if gate.standing is not Standing.OPEN or gate.strain)
    return tuple(name for gate in shut for name in agents_of(rules, gate))
