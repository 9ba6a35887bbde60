"""A night of three PRDs with twenty stories each, on two accounts that are used up again and again.

One login expires, and a person mends it hours later; processes are killed and the machine reboots.
What holds is looked at from outside: when an agent starts, and in the records that are synced.
"""

from __future__ import annotations

import random
from typing import Any

from prd_supervise.policies.accounts.gate_rules import AgentBounds, GateRules
from prd_supervise.policies.accounts.parking import Standing
from prd_supervise.policies.costs.budget import Budget
from prd_supervise.policies.outcomes.outcome import Outcome
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.words import AgentReleaseAsked
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.story import AgentNews
from tests.simulation.accounts import About
from tests.simulation.faults import Faults
from tests.simulation.machine import STATE, a_plan
from tests.simulation.simulation import Simulation
from tests.simulation.vendors import HOUR_S, TOKENS, Account, Told, VendorAccounts
from tests.support.prd_nature import Repository, Script

PRDS, STORIES = 3, 20
API_LIMIT, OF_FIRST, RATE = 5, 4, 4
AGENT_S = 900.0
BEAT_S = 60.0
LOOKS_EVERY_S = 600.0
UNHEARD_S = 3.0  # from a record of root's until nobody goes by what was before
STRUCK_S = 5.0  # ... where somebody was killed just now
NIGHT_S_MAX = 48 * HOUR_S
FIRST, SECOND = "claude", "codex"
# What costs an attempt is the fault of who struck, not of an account.
FREE = frozenset({"rate_limited", "transient", "auth", "context", "stopped", "budget"})
LIMITS = Limits(intensity=4, period_s=30.0, backoff_base_s=1.0, backoff_cap_s=60.0)


class LongNight(Simulation):
    """A night under one seed; `is_quiet`: accounts do what they do, and nothing else strikes."""

    nights_max_s = NIGHT_S_MAX

    def __init__(self, seed: int, *, is_quiet: bool = False) -> None:
        super().__init__(seed, is_plain=True, is_quiet=is_quiet)
        chance = random.Random(f"long night {seed}")  # noqa: S311  a game, no secret
        machine = self._night.machine
        nature, kernel = machine.nature, machine.kernel
        self.strikes_until_s = chance.uniform(1.0, 10.0) * HOUR_S
        machine.plans.clear()
        machine.plans.update(_plans(chance))
        nature.repositories = {prd_id: Repository() for prd_id in machine.plans}
        nature.scripts = {prd_id: Script() for prd_id in machine.plans}
        nature.agent_s = AGENT_S
        machine.limits = {prd_id: _limits(chance) for prd_id in machine.plans}
        machine.max_prds, machine.leases, machine.beat_s = PRDS, API_LIMIT, BEAT_S
        machine.agents = AgentRules(
            specs=(AgentSpec(name=FIRST, kind="replay"), AgentSpec(name=SECOND, kind="replay")),
            fallback=(SECOND,),
        )
        machine.gates = GateRules(
            use=FIRST,
            rate=RATE,
            agents=(AgentBounds(name=FIRST, limit=OF_FIRST), AgentBounds(name=SECOND)),
        )
        wall_s = kernel.now_s + kernel.wall_s
        self.vendors = VendorAccounts(
            kernel=kernel,
            chance=chance,
            accounts={name: _account(name, chance, wall_s) for name in (FIRST, SECOND)},
            large=frozenset(
                (prd_id, story.story_id)
                for prd_id, plan in machine.plans.items()
                for story in plan.stories
                if chance.random() < 0.1
            ),
        )
        expired = self.vendors.accounts[chance.choice((FIRST, SECOND))]
        expired.expires_at_s = wall_s + chance.uniform(0.2, 4.0) * HOUR_S
        self.large = len(self.vendors.large)
        self.watched = nature.accounts = Watched(self)
        self.operator = machine.person = Operator(self.vendors, chance.uniform(1.0, 4.0) * HOUR_S)
        self._chance_of_strikes = chance
        self.shut: dict[str, dict[str, Any]] = {}  # by account: the last record, while it is shut
        self.shut_at_s: dict[str, float] = {}
        self.costs: list[tuple[float, str, int]] = []  # when which PRD journalled so many tokens
        self.counted: list[dict[str, Any]] = []  # losses that cost an attempt

    def plan_faults(self) -> None:
        """Some deaths, reboots and stops, all through the night."""
        Faults(self._night).plan_long(self._chance_of_strikes, self.strikes_until_s)

    def on_resume(self) -> None:
        """A person has seen in the morning which budgets are used up: they are raised."""
        limits = self._night.machine.limits
        for prd_id, each in limits.items():
            spent = self._spent(prd_id, self._night.kernel.now_s)
            if each.budget.tokens and spent >= each.budget.tokens:
                more = Budget(tokens=each.budget.tokens + 400_000)
                limits[prd_id] = replace(each, budget=more)

    # --- what must hold -------------------------------------------------------------------------

    def check_start(self, agent: str, about: About) -> None:
        """An agent is about to start: there is a place for it, its account is open, it may cost."""
        now_s = self._night.kernel.now_s
        at_work = [name for other, name in self.vendors.at_work() if other != about]
        assert len(at_work) < API_LIMIT, f"{about} is one too many"
        assert agent != FIRST or at_work.count(FIRST) < OF_FIRST, f"{about} is one {agent} too many"
        if agent in self.shut and now_s > self.shut_at_s[agent] + self._slack_s:
            self._check_trial(agent, about)
        budget = self._night.machine.limits[about[0]].budget.tokens
        spent = self._spent(about[0], now_s - UNHEARD_S)  # the order to start may be under way
        assert not budget or spent < budget, f"{about} begins over its budget"

    def _spent(self, prd_id: str, by_s: float) -> int:
        return sum(tokens for at_s, name, tokens in self.costs if name == prd_id and at_s <= by_s)

    @property
    def _slack_s(self) -> float:
        struck = self._night.kernel.struck_at_s
        recent = bool(struck) and self._night.kernel.now_s < struck[-1] + STRUCK_S
        return UNHEARD_S + (STRUCK_S if recent else 0.0)

    def _check_trial(self, agent: str, about: About) -> None:
        gate, wall_s = self.shut[agent], self.vendors.wall_s
        assert gate["standing"] != "closed", f"{about} starts on a closed account"
        assert wall_s >= gate["until_s"] - 0.1, (
            f"{about} starts {gate['until_s'] - wall_s:.1f} s before the account is tried"
        )
        others = [
            other
            for other, name in self.vendors.at_work()
            if name == agent and other != about and self.watched.begun_s[other] > gate["until_s"]
        ]
        assert not others, f"{about} starts beside {others}, which is on trial"

    def on_record(self, folder: str, record: dict[str, Any]) -> None:
        """Take a record that was synced for the first time."""
        body = record["body"]
        if folder == STATE and record["kind"] == "AccountShut":
            account = body["gate"]["account"]
            if self.shut.get(account, {}).get("standing") != body["gate"]["standing"]:
                self.shut_at_s[account] = self._night.kernel.now_s
            self.shut[account] = body["gate"]
        elif folder == STATE and record["kind"] == "AccountOpened":
            self.shut.pop(body["account"], None)
        elif record["kind"] == "AgentOver":
            usage = body["outcome"].get("usage", {})
            prd_id, now_s = folder.rpartition("/")[2], self._night.kernel.now_s
            self.costs.append((now_s, prd_id, usage.get("input_tokens", 0)))
        elif record["kind"] == "AttemptLost" and body.get("counts", True):
            self.counted.append(body)
            assert body.get("type") not in FREE, f"an attempt counts: {body}"


class Watched:
    """The vendors, with a look at each start and each grant."""

    has_news = True

    def __init__(self, night: LongNight) -> None:
        self._night = night
        self._vendors = night.vendors
        self.begun_s: dict[About, float] = {}  # by the wall clock
        self._life = 0
        self._granted_s: list[float] = []

    def begins(self, agent: str, about: About) -> None:
        """A run begins: look whether it may."""
        self._night.check_start(agent, about)
        self._vendors.begins(agent, about)
        self.begun_s[about] = self._vendors.wall_s

    def granted(self, agent: str) -> None:
        """Root lets a story start this agent: count the starts of a minute, in this life of it."""
        if self._night.report.lives != self._life:
            self._life, self._granted_s = self._night.report.lives, []
        now_s = self._vendors.kernel.now_s
        self._granted_s = [at_s for at_s in self._granted_s if at_s > now_s - 60.0] + [now_s]
        assert len(self._granted_s) <= RATE, f"{len(self._granted_s)} starts within a minute"
        self._vendors.granted(agent)

    def news_of(self, agent: str, about: About) -> AgentNews | None:
        """As the vendor has it."""
        return self._vendors.news_of(agent, about)

    def end_of(self, agent: str, about: About, outcome: Outcome) -> Outcome:
        """As the vendor has it."""
        return self._vendors.end_of(agent, about, outcome)


class Operator:
    """A person who looks at the status now and then, and some hours later mends what is closed."""

    def __init__(self, vendors: VendorAccounts, after_s: float) -> None:
        self._vendors = vendors
        self._after_s = after_s
        self.released = 0

    def sit_down(self, host: Any) -> None:  # noqa: ANN401  root's
        """Look at it every ten minutes."""
        host.loop.call_at(host.loop.now_s() + LOOKS_EVERY_S, lambda: self._look(host))

    def _look(self, host: Any) -> None:  # noqa: ANN401  root's
        for gate in host.state.gates.accounts.values():
            is_time = self._vendors.wall_s >= gate.since_s + self._after_s
            if gate.standing is Standing.CLOSED and is_time:
                self.released += 1
                self._vendors.mend(gate.agent)
                host.post(AgentReleaseAsked(agent=gate.agent))
        self.sit_down(host)


def _plans(chance: random.Random) -> dict[str, Plan]:
    plans = {}
    for number in range(PRDS):
        prd_id = f"P{number}"
        names = [f"{prd_id}S{at}" for at in range(STORIES)]
        stories = [
            PlannedStory(
                story_id=name,
                title=name,
                depends_on=tuple(each for each in names[max(0, at - 6) : at] if _is(chance, 0.15)),
            )
            for at, name in enumerate(names)
        ]
        plans[prd_id] = a_plan(prd_id, stories)
    return plans


def _is(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def _limits(chance: random.Random) -> Limits:
    """Some PRDs have a budget that is not enough at first."""
    tokens = chance.randint(200_000, 500_000) if _is(chance, 0.4) else 0
    return replace(LIMITS, max_workers=chance.choice((2, 3, 4)), budget=Budget(tokens=tokens))


def _account(agent: str, chance: random.Random, wall_s: float) -> Account:
    """Some twenty runs in five hours, and a storm or two."""
    storms = []
    for _ in range(chance.randint(0, 2)):
        begin_s = wall_s + chance.random() * 8 * HOUR_S
        storms.append((begin_s, begin_s + chance.uniform(0.05, 0.5) * HOUR_S))
    return Account(
        agent=agent,
        tokens_max=chance.randint(8, 20) * sum(TOKENS) // 2,
        told=chance.choice(tuple(Told)),
        storms=tuple(storms),
    )


def live_through(seed: int, *, is_quiet: bool = False) -> LongNight:
    """Live through the night of a seed; AssertionError, with what struck, if it broke a promise."""
    night = LongNight(seed, is_quiet=is_quiet)
    try:
        night.run()
    except Exception as error:
        faults = "\n  ".join(night.report.faults)
        raise AssertionError(f"NIGHT={seed}: {error}\n  {faults}") from error
    return night
