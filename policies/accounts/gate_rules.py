"""How many agents may run, and start, and which of them share an account."""

from __future__ import annotations

from msgspec import Struct


class AgentBounds(Struct, frozen=True, kw_only=True):
    """What holds for the starts of one agent; 0 is no bound."""

    name: str
    account: str = ""  # whose limits are one; empty: the name
    limit: int = 0  # at once, of the account
    rate: int = 0  # starts a minute
    mark: str = ""  # changes whenever anything changes that is set about the agent


class GateRules(Struct, frozen=True, kw_only=True):
    """What holds for all of them; how many run in all is the leases' own limit."""

    use: str = ""  # the agent that works where none is named
    rate: int = 0  # starts a minute, over all agents
    agents: tuple[AgentBounds, ...] = ()
    mark: str = ""  # changes whenever anything changes that is set about agents

    def named(self, agent: str) -> str:
        """The agent that a name means."""
        return agent or self.use

    def bounds(self, agent: str) -> AgentBounds:
        """What holds for this agent; of one that is not set up nothing does but its account."""
        name = self.named(agent)
        found = (each for each in self.agents if each.name == name)
        return next(found, None) or AgentBounds(name=name)

    def account(self, agent: str) -> str:
        """Whose limits this agent meets."""
        bounds = self.bounds(agent)
        return bounds.account or bounds.name

    def sharing(self, account: str) -> tuple[str, ...]:
        """The agents that are set up and meet the limits of this account."""
        return tuple(each.name for each in self.agents if self.account(each.name) == account)

    def limit(self, account: str) -> int:
        """How many of this account may run at once: the least that any of its agents says."""
        said = [self.bounds(name).limit for name in self.sharing(account)]
        return min((each for each in said if each), default=0)

    @property
    def has_rates(self) -> bool:
        """Say whether starts are counted at all."""
        return bool(self.rate) or any(each.rate for each in self.agents)
