"""The variables with secrets that the settings name: whether they are set, not what they hold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from ..settings.config import Settings
from .check import AGENT, Check
from .words import Line, ok, warn


def key_checks(settings: Settings) -> Iterator[Check]:
    """Whether they are there."""
    yield Check(group=AGENT, subject="keys", look=partial(secret_lines, settings))


def secret_lines(settings: Settings) -> Iterator[Line]:
    """Variables with secrets that the settings name; what they hold is nobody's business."""
    named = (name for table in settings.agents.values() for name in table.secret_env)
    names = list(dict.fromkeys((*settings.agent.secret_env, *named)))
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        text = f"not in this environment: {', '.join(missing)}"
        yield warn("keys", text, "set them where `start` is typed, or take them out of secret_env")
    elif names:
        yield ok("keys", f"{', '.join(names)}: set")
