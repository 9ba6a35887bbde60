"""The kinds of agent that there are here: ours, and those that other distributions bring."""

from __future__ import annotations

from ....workers.agents.registry import agent_names


def kind_names() -> tuple[str, ...]:
    """Their names, as the configuration uses them."""
    return agent_names()
