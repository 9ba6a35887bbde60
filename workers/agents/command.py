"""The agent that is any command of the user's: it is run as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from ..messages.story import AgentSpec
from .base import AgentRun, ResultIn


def files(_spec: AgentSpec) -> Mapping[str, str]:
    """Need nothing."""
    return {}


def argv(spec: AgentSpec, _run: AgentRun) -> tuple[str, ...]:
    """Take the command from the configuration."""
    return spec.command


def result_in(spec: AgentSpec) -> ResultIn | None:
    """Look for the text from the configuration."""
    text = spec.result
    return (lambda line: text in line) if text else None
