"""What the system lends a night: process handles, file notices, ceilings, sessions, a clock."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Iterator
from pathlib import Path

from .words import Line, ok, warn

_INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
_CGROUPS = Path("/sys/fs/cgroup/cgroup.controllers")
_OWN_CGROUP = Path("/proc/self/cgroup")
_SYSTEMD = Path("/run/systemd/system")
_LINGER = Path("/var/lib/systemd/linger")
_FEW = 16
_BUILT_S = 1_735_689_600  # 2025-01-01: this program is younger
_DAY_S = 86_400


def system_lines(head_s: float | None) -> Iterator[Line]:
    """What the kernel and systemd say; `head_s` is when the newest commit was made."""
    yield _handles()
    yield _notices()
    yield _ceilings()
    if _SYSTEMD.is_dir():
        yield _lingering()
    yield _clock(head_s)


def _handles() -> Line:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return warn(
            "pidfd",
            "the kernel hands out no process handles",
            "ends of processes are polled for; Linux 5.3 or newer has them",
        )
    return ok("pidfd", "processes are told apart by handles")


def _notices() -> Line:
    try:
        count = int(_INSTANCES.read_text())
    except (OSError, ValueError):
        return warn("inotify", "not available", "--watch looks at the folders now and then")
    if count < _FEW:
        advice = "raise sysctl fs.inotify.max_user_instances, if --watch misses files"
        return warn("inotify", f"only {count} instances for a user", advice)
    return ok("inotify", f"{count} instances for a user")


def _ceilings() -> Line:
    if not _CGROUPS.is_file():
        return warn(
            "cgroups",
            "version 2 is not mounted",
            "ceilings are kept by sampling once a second; nothing has to be done",
        )
    try:
        own = _OWN_CGROUP.read_text().strip().rpartition("::")[2]
    except OSError:
        own = ""
    folder = _CGROUPS.parent / own.lstrip("/")
    if own and os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK):
        return ok("cgroups", f"{own} is ours to divide")
    return warn(
        "cgroups",
        "no cgroup is delegated to us",
        "for the kernel's own ceilings: systemd-run --user -p Delegate=yes --scope"
        " prd-supervise start",
    )


def _lingering() -> Line:
    name = getpass.getuser()
    if os.getuid() == 0 or (_LINGER / name).exists():
        return ok("systemd", "goes on with your processes when you log out")
    return warn(
        "systemd",
        "may end your processes when you log out",
        f"loginctl enable-linger {name}",
    )


def _clock(head_s: float | None) -> Line:
    now = time.time()
    shown = time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(now))
    if now < _BUILT_S or (head_s is not None and head_s > now + _DAY_S):
        advice = "set the clock; times in logs and commits would be wrong"
        return warn("clock", f"{shown} is before the newest commit or this program", advice)
    return ok("clock", shown)
