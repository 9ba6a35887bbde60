"""The kinds of agent that there are here: ours, and those that other distributions bring."""

from __future__ import annotations

from ....workers.agents.base import Traits, UnknownAgentError
from ....workers.agents.registry import adapter_for, agent_names


def kind_names() -> tuple[str, ...]:
    """Their names, as the configuration uses them."""
    return agent_names()


def why_unusable(kind: str) -> str:
    """What is wrong with the adapter of that kind, a third party's perhaps; empty if nothing is."""
    try:
        adapter_for(kind)
    except UnknownAgentError as error:
        return str(error)
    return ""


def traits_of(kind: str) -> Traits:
    """What is always so with this kind; the least where its adapter cannot be used."""
    try:
        return adapter_for(kind).TRAITS
    except UnknownAgentError:
        return Traits()
