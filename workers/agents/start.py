"""What has to stand before an agent starts."""

from __future__ import annotations

import os
from pathlib import Path

from ..messages.agents import AgentSpec
from .base import Adapter, AgentRun


def prepare(adapter: Adapter, spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Write the adapter's files and give the command line."""
    for name, text in adapter.files(spec, run).items():
        Path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(Path(name), flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return adapter.argv(spec, run)
