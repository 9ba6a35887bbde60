"""The agent that is any command of the user's: it is run as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from ..messages.story import AgentSpec
from .base import AgentRun


def files(_spec: AgentSpec) -> Mapping[str, str]:
    """Need nothing."""
    return {}


def argv(spec: AgentSpec, _run: AgentRun) -> tuple[str, ...]:
    """Take the command from the configuration."""
    return spec.command
