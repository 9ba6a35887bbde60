"""What nobody may see, for commands that show what no worker has gone through: a diff."""

from __future__ import annotations

import os

from ...workers.messages.rules import Rules, sources_of
from ...workers.secrecy.hiding import Hiding
from ..shell.repository.checkout import RepositoryError
from ..shell.storage.layout import Layout
from .settings.config import load_settings
from .settings.secrecy import secret_rules
from .settings.tree import agent_rules


def hiding_of(layout: Layout) -> Hiding:
    """Hide what the settings say, as root does; RepositoryError where nobody can know them."""
    settings, _ = load_settings(layout.repository, environ=os.environ, overrides={})
    if settings is None:
        raise RepositoryError(
            "the settings say which values are secret, and have errors; "
            "`prd-supervise check` shows them"
        )
    try:
        secrets = secret_rules(settings, agent_rules(settings, layout.repository).specs)
    except OSError as error:
        raise RepositoryError(f"the settings name a file that cannot be read: {error}") from None
    rules = Rules(worktree=settings.worktree.rules(), secrets=secrets)
    return Hiding(sources_of(rules, str(layout.repository)), os.environ)
