"""What nobody may see of the agents that are set: their keys, and what they log in by."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ....workers.attempt.homes import OwnHome
from ....workers.messages.agents import AgentSpec
from ....workers.messages.rules import SecretRules
from .config import Settings
from .kinds import traits_of


def secret_rules(
    settings: Settings, specs: tuple[AgentSpec, ...], environ: Mapping[str, str] | None = None
) -> SecretRules:
    """Gather it, so that every process hides it, and no commit takes it along."""
    environ = os.environ if environ is None else environ
    traits = [(spec, traits_of(spec.adapter)) for spec in specs]
    named = (name for table in settings.agents.values() for name in table.secret_env)
    known = (name for _, each in traits for name in each.secret_env)
    links = ((*each.links, *spec.links) for spec, each in traits)
    logins = (file for names in links for file in OwnHome(Path(), environ, names).login_files())
    return SecretRules(
        env=tuple(dict.fromkeys((*settings.agent.secret_env, *named, *known))),
        files=settings.worktree.secret_files,
        logins=tuple(dict.fromkeys(logins)),
    )
