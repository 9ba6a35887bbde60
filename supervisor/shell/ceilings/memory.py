"""How much memory there is for a night: of the host, or of the cgroup that we are in."""

from __future__ import annotations

from pathlib import Path

import psutil
from msgspec import Struct

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


class Memory(Struct, frozen=True, kw_only=True):
    """In bytes."""

    total: int
    available: int


def read_memory() -> Memory:
    """The least that the host and every cgroup around us allow."""
    host = psutil.virtual_memory()
    limits = [limit for folder in _folders() if (limit := _number(folder / "memory.max"))]
    rooms = [
        max(0, limit - _number(folder / "memory.current"))
        for folder in _folders()
        if (limit := _number(folder / "memory.max"))
    ]
    return Memory(total=min((host.total, *limits)), available=min((host.available, *rooms)))


def _folders() -> list[Path]:
    """Our own cgroup and those around it, of version 2."""
    try:
        own = _OWN.read_text().strip().rpartition("::")[2].lstrip("/")
    except OSError:
        return []
    folder = _CGROUPS / own
    return [each for each in (folder, *folder.parents) if each.is_relative_to(_CGROUPS)]


def _number(path: Path) -> int:
    """What a file says; 0 where it says "max", or is none."""
    try:
        text = path.read_text().strip()
    except OSError:
        return 0
    return int(text) if text.isdecimal() else 0
