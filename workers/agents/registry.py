"""Which agents there are, by the name that the configuration uses: ours, then third parties'."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import cast

from .base import Adapter, UnknownAgentError

# Imported when one is wanted: a worker needs one of them.
AGENT_NAMES = ("aider", "claude", "codex", "command", "gemini", "opencode", "qwen", "replay")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@cache
def agent_names() -> tuple[str, ...]:
    """All that there are; what other distributions offer is looked up once."""
    return tuple(sorted({*AGENT_NAMES, *filter(_PLAIN.fullmatch, _plugins().names())}))


def adapter_for(name: str) -> Adapter:
    """Find the adapter of that name. One of ours is never hidden by a third party's."""
    if name in AGENT_NAMES:
        return cast("Adapter", import_module(f".{name}", __package__))
    if _PLAIN.fullmatch(name) and name in _plugins().names():
        return cast("Adapter", _plugins().adapter(name))
    raise UnknownAgentError(f"agent {name[:80]!r} is not one of {', '.join(agent_names())}")


def _plugins() -> ModuleType:
    """Where distributions are searched: reading their metadata takes longer than a worker has."""
    return import_module(".plugins", __package__)
