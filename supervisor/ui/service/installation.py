"""Which program is to serve which repository, and what it finds its agents by."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Installation(Struct, frozen=True, kw_only=True):
    """What a service manager is told; all paths are absolute."""

    repository: Path  # the checkout's root
    program: Path  # the console script
    path: str  # PATH of the service, and of the agents that it starts
    home: Path
