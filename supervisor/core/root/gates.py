"""What root knows of accounts, and what it tells of those that are shut."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ....policies.accounts.gate_rules import GateRules
from ....policies.accounts.parking import WHYS, Gate, Standing
from ....policies.accounts.words import ONE_IS_TRIED, cure
from ....policies.moments import moment_text
from ....policies.scheduling.admission import Lease, Leases
from ....policies.values import replace
from ....workers.messages.gate import AgentsClosed, Closed
from .records import AccountOpened, AccountShut

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
    return Closed(
        agent=agent,
        why=waits_text(gates, gate, agent, now_s),
        is_on_trial=not gate.is_shut,
        is_default=agent == gates.rules.use,
    )


def waits_text(gates: Gates, gate: Gate, agent: str, now_s: float) -> str:
    """What somebody who waits for this agent waits for."""
    why = WHYS.get(gate.kind, gate.kind.value)
    if gate.standing is Standing.CLOSED:
        return f"{agent}, {why}: {cure(agent)}"
    if gate.standing is Standing.TRIAL:
        return f"{agent}: {ONE_IS_TRIED}"
    until = moment_text(gate.until_s, now_s=now_s + gates.epoch_s, zone_s=gates.zone_s)
    return f"{agent} until {until}, {why}"


def next_look_s(gates: Gates, leases: Leases) -> float | None:
    """When something changes by the clock alone (epoch); None: nothing will."""
    moments = [gate.due_s for gate in gates.accounts.values() if gate.due_s is not None]
    if gates.starts and leases.waiting:
        moments.append(gates.starts[0][0] + RATE_S + gates.epoch_s)
    return min(moments, default=None)
