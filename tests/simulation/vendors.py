"""Accounts as their vendors keep them through a long night, by the wall clock.

A window of five hours has so many tokens; what is used up is told with its end, without it, or with
a moment that proves wrong. Besides, a vendor is overloaded at times, and a login expires.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.policies.values import replace
from prd_supervise.workers.messages.story import AgentNews
from tests.simulation.accounts import About
from tests.simulation.kernel import Kernel

HOUR_S = 3600.0
WINDOW_S = 5 * HOUR_S
TOKENS = (10_000, 50_000)  # of a run
USD_PER_TOKEN = 1e-5
WARNED_FROM = 0.8
OVERLOADED = 0.03  # of the runs on a calm night ...
IN_A_STORM = 0.9  # ... and of those in a storm


class Told(Enum):
    """What is said of the moment at which a limit is lifted."""

    RIGHT = "right"
    NOTHING = "nothing"
    EARLY = "early"  # a moment at which it is still there


@dataclass
class Account:
    """One account; moments are of the wall clock."""

    agent: str
    tokens_max: int  # in one window
    told: Told
    storms: tuple[tuple[float, float], ...] = ()
    expires_at_s: float | None = None  # its login
    began_s: float = 0.0  # the last window
    used: int = 0

    def look(self, at_s: float) -> None:
        """Begin a new window if the last one is over."""
        if at_s >= self.began_s + WINDOW_S:
            self.began_s, self.used = at_s, 0

    @property
    def until_s(self) -> float:
        """The end of the window."""
        return self.began_s + WINDOW_S

    @property
    def is_used_up(self) -> bool:
        """Say whether there is nothing left in the window."""
        return self.used >= self.tokens_max

    def says_until(self, at_s: float) -> float | None:
        """What it tells of the end of its limit."""
        match self.told:
            case Told.RIGHT:
                return self.until_s
            case Told.EARLY:
                return at_s + (self.until_s - at_s) / 3
            case Told.NOTHING:
                return None


@dataclass
class VendorAccounts:
    """All accounts, and what runs have made of them."""

    kernel: Kernel
    chance: random.Random
    accounts: dict[str, Account]
    large: frozenset[tuple[str, str]] = frozenset()  # stories whose whole prompt is too much
    has_news: bool = True
    agents: dict[About, str] = field(default_factory=dict)  # who worked on which attempt
    grants: list[tuple[float, str]] = field(default_factory=list)
    ends: list[tuple[float, str, OutcomeKind]] = field(default_factory=list)  # that were met
    warnings: int = 0

    @property
    def wall_s(self) -> float:
        """The clock on the wall."""
        return self.kernel.wall_s + self.kernel.now_s

    def begins(self, agent: str, about: About) -> None:
        """A run begins."""
        assert about not in self.agents, f"{about} runs twice"
        self.agents[about] = agent
        self.accounts[agent].look(self.wall_s)

    def granted(self, agent: str) -> None:
        """Root lets a story start this agent."""
        self.grants.append((self.kernel.now_s, agent))

    def at_work(self) -> Iterator[tuple[About, str]]:
        """The runs that live, with their agents."""
        for proc in self.kernel.procs.values():
            if proc.is_alive and proc.role == "agent":
                yield proc.about, self.agents[proc.about]

    def news_of(self, agent: str, about: About) -> AgentNews | None:
        """An answer of its model, and a warning where the limit is near."""
        account, attempt = self.accounts[agent], int(about[2])
        if account.is_used_up or self._is_down(account):
            return None
        used = account.used / account.tokens_max
        is_warned = used >= WARNED_FROM
        self.warnings += is_warned
        return AgentNews(
            attempt=attempt,
            session="-".join(about),
            is_answered=True,
            warned=used if is_warned else None,
            warned_until_s=account.until_s if is_warned else None,
        )

    def end_of(self, agent: str, about: About, outcome: Outcome) -> Outcome:
        """How the run ends that would have ended so."""
        kind = self._end(self.accounts[agent], about)
        if kind is None:
            tokens = self.chance.randint(*TOKENS)
            self.accounts[agent].used += tokens
            usage = Usage(input_tokens=tokens, cost_usd=tokens * USD_PER_TOKEN, requests=9)
            return replace(outcome, usage=usage, session="-".join(about))
        self.ends.append((self.kernel.now_s, agent, kind))
        is_limit = kind is OutcomeKind.RATE_LIMITED
        until_s = self.accounts[agent].says_until(self.wall_s) if is_limit else None
        return replace(outcome, kind=kind, detail=kind.value, until_s=until_s)

    def _end(self, account: Account, about: About) -> OutcomeKind | None:
        account.look(self.wall_s)
        if account.expires_at_s is not None and self.wall_s >= account.expires_at_s:
            return OutcomeKind.AUTH
        if account.is_used_up:
            return OutcomeKind.RATE_LIMITED
        if self.chance.random() < (IN_A_STORM if self._is_down(account) else OVERLOADED):
            return OutcomeKind.TRANSIENT
        if about[:2] in self.large:
            self.large -= {(about[0], about[1])}  # the next prompt is shorter
            return OutcomeKind.CONTEXT
        return None

    def _is_down(self, account: Account) -> bool:
        at_s = self.wall_s
        is_refused = account.expires_at_s is not None and at_s >= account.expires_at_s
        return is_refused or any(begin <= at_s < end for begin, end in account.storms)

    def mend(self, agent: str) -> None:
        """Log in again."""
        self.accounts[agent].expires_at_s = None
