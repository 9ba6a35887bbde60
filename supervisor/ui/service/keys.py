"""Variables that agents here log in by: which of them the service would not have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ....workers.messages.agents import AgentRules
from ..settings.config import Settings
from ..settings.kinds import traits_of

_NAMED = re.compile(r"^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=", re.MULTILINE)
_OTHERS = 0o077


def missing_keys(
    settings: Settings, rules: AgentRules, environ: Mapping[str, str], kept: Path
) -> list[str]:
    """Those that are set in this shell, and not in the file that the service reads."""
    known = _names_in(kept)
    return [name for name in _wanted(settings, rules) if environ.get(name) and name not in known]


def is_open(kept: Path) -> bool:
    """Say whether others could read that file."""
    try:
        return bool(kept.stat().st_mode & _OTHERS)
    except OSError:
        return False


def agents_used(settings: Settings) -> list[str]:
    """The agents that the settings put to work."""
    agent = settings.agent
    return list(dict.fromkeys(filter(None, (agent.use, *agent.fallback, settings.review.agent))))


def _wanted(settings: Settings, rules: AgentRules) -> list[str]:
    names = [*settings.agent.env, *settings.agent.secret_env]
    for agent in agents_used(settings):
        spec = rules.spec(agent)
        traits = traits_of(spec.adapter)
        names += [*spec.env, *traits.secret_env, *traits.env]
    return list(dict.fromkeys(names))


def _names_in(kept: Path) -> set[str]:
    try:
        return set(_NAMED.findall(kept.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return set()
