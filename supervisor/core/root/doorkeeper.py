"""Which agent a lease is for.

An agent that is full, by `api_limit` or `api_rate`, is waited for: that is a matter of minutes, and
the first choice is the best one. Where it is the gate that lets nobody through, or few, the next
one in the story's chain takes its place.
"""

from __future__ import annotations

from enum import Enum

from ....policies.accounts import parking
from ....policies.accounts.parking import Standing
from ....policies.scheduling.admission import Lease, Leases
from ....policies.values import replace
from .gates import RATE_S, Gates, Wanted


class _Way(Enum):
    FREE = "free"
    FULL = "full"  # wait for it
    BARRED = "barred"  # take the next one


class Doorkeeper:
    """Finds an agent for each lease; it lives for one round of grants only."""

    def __init__(self, gates: Gates, leases: Leases, now_s: float) -> None:
        held = {*leases.held}
        self.runs = {lease: agent for lease, agent in gates.runs.items() if lease in held}
        self.trials = {name: lease for name, lease in gates.trials.items() if lease in held}
        self.starts = [each for each in gates.starts if each[0] > now_s - RATE_S]
        self._gates = gates
        self._limit = leases.limit
        self._now_s = now_s

    def admits(self, lease: Lease) -> bool:
        """Say whether there is an agent for it, or whether it needs none."""
        return self._agent_for(lease) is not None

    def let_in(self, lease: Lease) -> None:
        """Know that it starts its agent."""
        agent = self._agent_for(lease)
        if not agent:
            return
        gates = self._gates
        gate = gates.gate(agent)
        self.runs[lease] = agent
        if gate.standing is Standing.TRIAL:
            self.trials[gate.account] = lease
        if gates.rules.has_rates:
            self.starts.append((self._now_s, agent))

    def _agent_for(self, lease: Lease) -> str | None:
        """The agent to start; empty where it needs none, None where it has to wait."""
        wanted = self._gates.wanted.get(lease)
        if wanted is None:
            return ""
        rules = self._gates.rules
        if rules.rate and len(self.starts) >= rules.rate:
            return None
        for name in map(rules.named, wanted or ("",)):
            match self._way_to(name):
                case _Way.FREE:
                    return name
                case _Way.FULL:
                    return None
                case _Way.BARRED:
                    continue
        return None

    def _way_to(self, agent: str) -> _Way:
        gates, rules = self._gates, self._gates.rules
        gate = gates.gate(agent)
        if gate.is_shut or (gate.standing is Standing.TRIAL and gate.account in self.trials):
            return _Way.BARRED
        running = sum(rules.account(name) == gate.account for name in self.runs.values())
        limit = rules.limit(gate.account)
        if limit and running >= limit:
            return _Way.FULL
        if gate.strain is not None and running >= parking.at_once(gate, limit or self._limit):
            return _Way.BARRED
        rate = rules.bounds(agent).rate
        if rate and sum(name == agent for _, name in self.starts) >= rate:
            return _Way.FULL
        return _Way.FREE


def wants(gates: Gates, lease: Lease, agents: Wanted) -> Gates:
    """Know for which agents a lease is asked for."""
    return replace(gates, wanted={**gates.wanted, lease: agents})


def settled(gates: Gates, leases: Leases, keeper: Doorkeeper) -> Gates:
    """After a round of grants: what is neither held nor asked for any longer is forgotten."""
    held, known = {*leases.held}, {*leases.held, *leases.waiting}
    after = replace(
        gates,
        wanted={lease: agents for lease, agents in gates.wanted.items() if lease in known},
        runs={lease: agent for lease, agent in keeper.runs.items() if lease in held},
        trials={account: lease for account, lease in keeper.trials.items() if lease in held},
        starts=tuple(keeper.starts),
    )
    return gates if after == gates else after
