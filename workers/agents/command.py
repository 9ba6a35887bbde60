"""The agent that is any command of the user's: it is run as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from ..messages.agents import AgentSpec, Home
from .base import AgentRun, Listener, Traits
from .listeners.command import LastWords, ResultLine

TRAITS = Traits(home=Home.USER)


def files(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing."""
    return {}


def argv(spec: AgentSpec, _run: AgentRun) -> tuple[str, ...]:
    """Take the command from the configuration."""
    return (*spec.command, *spec.args)


def env(spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Say which model is asked for: the command may know what to do with it."""
    return {"PRD_SUPERVISE_MODEL": spec.model} if spec.model else {}


def listener(spec: AgentSpec, run: AgentRun) -> Listener:
    """Listen for the text from the configuration; what a reviewer prints is its answer."""
    if run.is_review:
        return LastWords()
    text = spec.result
    return ResultLine(lambda line: bool(text) and text in line)


def version_argv(_spec: AgentSpec) -> tuple[str, ...]:
    """Have none that is known."""
    return ()
