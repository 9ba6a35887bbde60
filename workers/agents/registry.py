"""Which agents there are, by the name that the configuration uses."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from .base import Adapter

# Imported when one is wanted: a worker needs one of them.
_MODULES = {name: f".{name}" for name in ("claude", "codex", "command", "replay")}
AGENT_NAMES = tuple(sorted(_MODULES))


class UnknownAgentError(LookupError):
    """No adapter has this name; the text is one line for people."""


def adapter_for(name: str) -> Adapter:
    """Find the adapter of that name."""
    module = _MODULES.get(name)
    if module is None:
        allowed = ", ".join(AGENT_NAMES)
        raise UnknownAgentError(f"agent {name!r} is not one of {allowed}")
    return cast("Adapter", import_module(module, __package__))
