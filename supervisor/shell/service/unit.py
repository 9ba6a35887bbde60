"""Who holds the lock: which process, and as which unit of a service manager it runs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from shlex import quote

from ....workers.process.boot import read_boot
from .manager import LAUNCHD_LABEL, is_service

_USER_MANAGER = re.compile(r"user@\d+\.service")
_CGROUPS = Path("/proc/self/cgroup")


def about_root(started_at: float) -> dict[str, object]:
    """What the lock's file tells of this process, to those who come later."""
    about = {"pid": os.getpid(), "started_at": started_at, "boot": read_boot()}
    return about | about_service()


def about_service() -> dict[str, object]:
    """What the lock's file tells of a root that is a service; nothing of one that was typed."""
    if not is_service():
        return {}
    label = os.environ.get("XPC_SERVICE_NAME", "")
    if label.startswith(f"{LAUNCHD_LABEL}."):
        return {"service": label, "stopped_by": f"launchctl bootout gui/{os.getuid()}/{label}"}
    unit, is_users = unit_of(_own_cgroups())
    if not unit:
        return {"service": "a service"}
    return {"service": unit, "stopped_by": stop_of(unit, is_users=is_users)}


def stop_of(unit: str, *, is_users: bool) -> str:
    """What a person types to stop it; a unit whose path has a dash in it has a backslash."""
    systemctl = "systemctl --user" if is_users else "systemctl"
    return f"{systemctl} stop {quote(unit)}"


def unit_of(cgroups: str) -> tuple[str, bool]:
    """The innermost service in /proc/PID/cgroup, and whether it is one of a user's manager."""
    for line in cgroups.splitlines():
        path = line.split(":", 2)[-1].split("/")
        services = [part for part in path if part.endswith(".service")]
        if services and not _USER_MANAGER.fullmatch(services[-1]):
            return services[-1], any(map(_USER_MANAGER.fullmatch, services[:-1]))
    return "", False


def _own_cgroups() -> str:
    try:
        return _CGROUPS.read_text(encoding="utf-8", errors="replace")
    except OSError:  # macOS; a sandbox
        return ""
