"""Accounts of agents in a simulated night: used up for a while, or overloaded, by the wall clock.

What the vendor says of it may be nothing. Runs that are at work when it begins meet it as well.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.workers.messages.story import AgentNews
from tests.simulation.kernel import Kernel

About = tuple[str, ...]  # a PRD, a story and an attempt

OVERLOADED = 0.7  # of the runs in an overload meet it


class Vendors(Protocol):
    """What agents run against."""

    has_news: bool

    def begins(self, agent: str, about: About, /) -> None:
        """A run begins."""

    def news_of(self, agent: str, about: About, /) -> AgentNews | None:
        """What a run at work says, if anything."""

    def end_of(self, agent: str, about: About, outcome: Outcome, /) -> Outcome:
        """How the run ends that would have ended so."""

    def granted(self, agent: str, /) -> None:
        """Root lets a story start this agent."""


@dataclass(frozen=True)
class Window:
    """From when until when (monotonic) runs of an agent end so; `is_told`: they say until when."""

    agent: str
    from_s: float
    until_s: float
    kind: OutcomeKind = OutcomeKind.RATE_LIMITED
    is_told: bool = True


@dataclass
class Accounts:
    """What vendors have decided, and what runs have made of it."""

    kernel: Kernel
    windows: Sequence[Window] = ()
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  a game
    starts: list[tuple[float, str]] = field(default_factory=list)  # when which agent began ...
    ends: list[tuple[float, str]] = field(default_factory=list)
    met: list[tuple[float, Window]] = field(default_factory=list)  # ... and met which

    has_news = False  # an agent says how it ended, and nothing before

    def begins(self, agent: str, _about: About) -> None:
        """An agent begins a run."""
        self.starts.append((self.kernel.now_s, agent))

    def news_of(self, _agent: str, _about: About) -> AgentNews | None:
        """Nothing."""
        return None

    def granted(self, agent: str) -> None:
        """Root lets one start: no matter."""

    def end_of(self, agent: str, _about: About, outcome: Outcome) -> Outcome:
        """How the run ends that would have ended so."""
        now_s = self.kernel.now_s
        self.ends.append((now_s, agent))
        for window in self.windows:
            if window.agent != agent or not window.from_s <= now_s < window.until_s:
                continue
            if window.kind is OutcomeKind.TRANSIENT and self.chance.random() > OVERLOADED:
                continue
            self.met.append((now_s, window))
            until_s = self.kernel.wall_s + window.until_s if window.is_told else None
            return replace(outcome, kind=window.kind, detail=window.kind.value, until_s=until_s)
        return outcome


def windows_of(seed: int, from_s: float, agents: Sequence[str]) -> tuple[Window, ...]:
    """What a seed makes of a night, by a chance of its own."""
    chance = random.Random(f"accounts {seed}")  # noqa: S311  a game, no secret
    found = []
    for _ in range(chance.randint(1, 3)):
        begin_s = from_s + chance.random() * 60.0
        is_limit = chance.random() < 0.7
        longest_s = 600.0 if is_limit else 60.0
        found.append(
            Window(
                agent=chance.choice(agents),
                from_s=begin_s,
                until_s=begin_s + 5.0 + chance.random() * longest_s,
                kind=OutcomeKind.RATE_LIMITED if is_limit else OutcomeKind.TRANSIENT,
                is_told=is_limit and chance.random() < 0.6,
            )
        )
    return tuple(found)
