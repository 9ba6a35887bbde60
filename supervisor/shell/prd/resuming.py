"""Which agents can go on with a conversation of theirs."""

from __future__ import annotations

from ....workers.agents.registry import AGENT_NAMES, UnknownAgentError, adapter_for
from ....workers.messages.agents import AgentRules


def resuming(rules: AgentRules) -> tuple[str, ...]:
    """Name them, by the names that stories are given; "" where the default is one of them."""
    names = {*AGENT_NAMES, *(spec.name for spec in rules.specs), rules.use, *rules.fallback, ""}
    return tuple(sorted(name for name in names if _resumes(rules, name)))


def _resumes(rules: AgentRules, name: str) -> bool:
    spec = rules.spec(name)
    try:
        return spec.resumes and adapter_for(spec.adapter).TRAITS.can_resume
    except UnknownAgentError:
        return False  # an attempt will say so
