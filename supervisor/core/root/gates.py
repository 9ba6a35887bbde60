"""The gates of all accounts, and which agent a lease is for.

An agent that is full, by `api_limit` or `api_rate`, is waited for: that is a matter of minutes, and
the first choice is the best one. Where it is the gate that lets nobody through, or few, the next
one in the story's chain takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from ....policies import parking
from ....policies.admission import Lease, Leases
from ....policies.gate_rules import GateRules
from ....policies.moments import moment_text
from ....policies.parking import WHYS, Gate, Standing
from ....policies.values import replace
from ....workers.messages.gate import AgentsClosed, Closed
from .words import AccountOpened, AccountShut

RATE_S = 60.0  # of `api_rate`

Wanted = tuple[str, ...]  # agents in the order of preference


class Gates(Struct, frozen=True, kw_only=True):
    """All that root knows of accounts."""

    rules: GateRules = GateRules()
    accounts: Mapping[str, Gate] = field(default_factory=dict)  # of which there is anything to know
    seed: int = 0  # what sets this host apart from others with the same accounts
    epoch_s: float = 0.0  # the wall clock, less the monotonic one
    zone_s: float = 0.0
    wanted: Mapping[Lease, Wanted] = field(default_factory=dict)  # of leases, asked for or held
    runs: Mapping[Lease, str] = field(default_factory=dict)  # the agents that leases are held for
    trials: Mapping[str, Lease] = field(default_factory=dict)  # by account: the start on trial
    starts: tuple[tuple[float, str], ...] = ()  # of the last minute (monotonic), where that counts
    told: AgentsClosed = AgentsClosed()  # what the PRDs know ...
    behind: Mapping[str, AgentsClosed] = field(default_factory=dict)  # ... but for these
    watched_s: float | None = None  # the moment that the shell waits for

    def gate(self, agent: str) -> Gate:
        """The gate of an agent's account."""
        return self.of(self.rules.account(agent))

    def of(self, account: str) -> Gate:
        """The gate of an account."""
        return self.accounts.get(account) or Gate(account=account)


def with_gate(gates: Gates, gate: Gate) -> Gates:
    """Replace what is known of an account."""
    others = {name: each for name, each in gates.accounts.items() if name != gate.account}
    if not gate.is_plain:
        others[gate.account] = gate
    return replace(gates, accounts=others)


def accounts_after(
    accounts: Mapping[str, Gate], record: AccountShut | AccountOpened
) -> dict[str, Gate]:
    """What is shut after this record; that outlives stops, crashes and reboots."""
    if isinstance(record, AccountShut):
        return {**accounts, record.gate.account: record.gate}
    return {name: gate for name, gate in accounts.items() if name != record.account}


# --- what PRDs and people are told --------------------------------------------------------------


def closed_agents(gates: Gates, now_s: float) -> AgentsClosed:
    """The agents that nobody may start now, not even behind the one start on trial."""
    tried = {*gates.trials}
    shut = [gate for gate in gates.accounts.values() if gate.is_shut or gate.account in tried]
    return AgentsClosed(
        closed=tuple(
            _closed(gates, gate, agent, now_s)
            for gate in sorted(shut, key=lambda gate: gate.account)
            for agent in agents_of(gates.rules, gate)
        )
    )


def still_closed(word: AgentsClosed, knows: AgentsClosed) -> AgentsClosed:
    """For a PRD without a place: what it knows to be closed stays so."""
    closed = {each.agent for each in word.closed}
    rest = (
        replace(
            each,
            why=f"a place: {each.agent} could be started, but enough PRDs are at work (`max_prds`)",
            until_s=None,
            is_for_people=False,
            is_on_trial=False,
        )
        for each in knows.closed
        if each.agent not in closed
    )
    return AgentsClosed(closed=(*word.closed, *rest))


def agents_of(rules: GateRules, gate: Gate) -> tuple[str, ...]:
    """The agents that an account's gate stands before, as far as anybody has named them."""
    known = (*rules.sharing(gate.account), gate.agent)
    ours = (name for name in known if name and rules.account(name) == gate.account)
    return tuple(dict.fromkeys(ours)) or (gate.account,)


def _closed(gates: Gates, gate: Gate, agent: str, now_s: float) -> Closed:
    is_for_people = gate.standing is Standing.CLOSED
    return Closed(
        agent=agent,
        why=waits_text(gates, gate, agent, now_s),
        until_s=gate.until_s if gate.standing is Standing.PARKED else None,
        is_on_trial=not gate.is_shut,
        is_for_people=is_for_people,
        is_default=agent == gates.rules.use,
    )


def waits_text(gates: Gates, gate: Gate, agent: str, now_s: float) -> str:
    """What somebody who waits for this agent waits for."""
    why = WHYS.get(gate.kind, gate.kind.value)
    if gate.standing is Standing.CLOSED:
        return f"{agent}, {why}: mend that, then `prd-supervise release --agent {agent}`"
    if gate.standing is Standing.TRIAL:
        return f"{agent}, one start of which is tried: the others follow when its model answers"
    until = moment_text(gate.until_s, now_s=now_s + gates.epoch_s, zone_s=gates.zone_s)
    return f"{agent} until {until}, {why}"


# --- who may start ------------------------------------------------------------------------------


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


def next_look_s(gates: Gates, leases: Leases) -> float | None:
    """When something changes by the clock alone (epoch); None: nothing will."""
    moments = [gate.due_s for gate in gates.accounts.values() if gate.due_s is not None]
    if gates.starts and leases.waiting:
        moments.append(gates.starts[0][0] + RATE_S + gates.epoch_s)
    return min(moments, default=None)
