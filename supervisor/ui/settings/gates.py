"""api_limit, api_rate and account of the agents, as root's gate is told them."""

from __future__ import annotations

import hashlib

import msgspec

from ....policies.accounts.gate_rules import AgentBounds, GateRules
from ....workers.messages.agents import AgentRules, AgentSpec
from .agents import NamedAgentSettings
from .config import Settings

_NOTHING = NamedAgentSettings()


def gate_rules(settings: Settings, agents: AgentRules) -> GateRules:
    """Translate them; `agents` are the same settings as the workers are told them."""
    tables = settings.agents
    return GateRules(
        use=agents.spec().name,
        rate=settings.agent.api_rate,
        agents=tuple(_bounds(each, tables.get(each.name, _NOTHING)) for each in agents.specs),
        mark=_mark(agents),
    )


def _bounds(spec: AgentSpec, table: NamedAgentSettings) -> AgentBounds:
    return AgentBounds(
        name=spec.name,
        account=spec.account,
        limit=table.api_limit,
        rate=table.api_rate,
        mark=_mark(spec),
    )


def _mark(value: AgentRules | AgentSpec) -> str:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=8).hexdigest()
