"""Which agents can go on with a conversation of theirs."""

from __future__ import annotations

from collections.abc import Iterable

from ....workers.agents.base import UnknownAgentError
from ....workers.agents.registry import adapter_for
from ....workers.messages.agents import AgentRules


def resuming(rules: AgentRules, chosen: Iterable[str]) -> tuple[str, ...]:
    """Name them: of those that stories have chosen, and of those that are set.

    Others that a changed plan may choose begin anew. "" is there where the default is one of them.
    """
    names = {*chosen, *(spec.name for spec in rules.specs), rules.use, *rules.fallback, ""}
    return tuple(sorted(name for name in names if _resumes(rules, name)))


def _resumes(rules: AgentRules, name: str) -> bool:
    spec = rules.spec(name)
    try:
        return spec.resumes and adapter_for(spec.adapter).TRAITS.can_resume
    except UnknownAgentError:
        return False  # an attempt will say so
