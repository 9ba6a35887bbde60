"""Which agents there are, by the name that the configuration uses."""

from __future__ import annotations

from . import command, replay
from .base import Adapter

_ADAPTERS: dict[str, Adapter] = {
    "command": command,
    "replay": replay,
}
AGENT_NAMES = tuple(sorted(_ADAPTERS))


class UnknownAgentError(LookupError):
    """No adapter has this name; the text is one line for people."""


def adapter_for(name: str) -> Adapter:
    """Find the adapter of that name."""
    try:
        return _ADAPTERS[name]
    except KeyError:
        allowed = ", ".join(AGENT_NAMES)
        raise UnknownAgentError(f"agent {name!r} is not one of {allowed}") from None
