"""What the system lends a night: file notices, ceilings, sessions, a clock."""

from __future__ import annotations

import getpass
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from ....workers.process import capabilities
from .words import Line, fail, ok, warn

ANSWER_S = 3.0  # for the service manager

_INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
_CGROUPS = Path("/sys/fs/cgroup/cgroup.controllers")
_OWN_CGROUP = Path("/proc/self/cgroup")
_SYSTEMD = Path("/run/systemd/system")
_LINGER = Path("/var/lib/systemd/linger")
_WATCHES = Path("/proc/sys/fs/inotify/max_user_watches")
_ZONES = Path("/usr/share/zoneinfo")
_FEW, _FEW_WATCHES = 16, 4096
_DESCRIPTORS, _DESCRIPTORS_MIN = 512, 128
_BUILT_S = 1_735_689_600  # 2025-01-01: this program is younger
_DAY_S = 86_400


def notices() -> Line:
    """Whether the kernel tells of files that change."""
    if not capabilities.HERE.inotify:
        return warn("inotify", "not available", "--watch looks at the folders now and then")
    try:
        count, watches = int(_INSTANCES.read_text()), int(_WATCHES.read_text())
    except (OSError, ValueError):
        return ok("inotify", "available; its bounds are not told")
    if count < _FEW:
        advice = "raise sysctl fs.inotify.max_user_instances, if --watch misses files"
        return warn("inotify", f"only {count} instances for a user", advice)
    if watches < _FEW_WATCHES:
        advice = "raise sysctl fs.inotify.max_user_watches, if --watch misses files"
        return warn("inotify", f"only {watches} watches for a user", advice)
    return ok("inotify", f"{count} instances and {watches} watches for a user")


def ceilings() -> Line:
    """Whether the kernel keeps ceilings for us."""
    if not _CGROUPS.is_file():
        return ok("cgroups", "version 2 is not mounted: ceilings are kept by sampling")
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


def session_lines() -> Iterator[Line]:
    """What systemd does with our processes, and whether it takes a service of ours."""
    if not _SYSTEMD.is_dir():
        return
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # as in many a container; KeyError before Python 3.13
        yield warn("linger", f"no user has the number {os.getuid()}", "add one, or set USER")
        return
    if os.getuid() == 0 or (_LINGER / name).exists():
        yield ok("linger", "systemd goes on with your processes when you log out")
    else:
        yield warn(
            "linger",
            "systemd may end your processes when you log out",
            f"loginctl enable-linger {name}",
        )
    if shutil.which("systemctl") is None:
        return
    done = subprocess.run(
        ("systemctl", "--user", "is-system-running"),
        capture_output=True,
        text=True,
        timeout=ANSWER_S,
        check=False,
    )
    state = done.stdout.strip()
    if state in {"running", "degraded"}:
        yield ok("systemd", f"your service manager is {state}")
    else:
        yield warn(
            "systemd",
            f"your service manager does not answer: {state or done.stderr.strip()[:200]}",
            "log in by ssh or at the console, not by su; without it `start --detach` still works",
        )


def descriptors() -> Line:
    """How many files a process of ours may have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _DESCRIPTORS:
        return ok("open files", "as many as are wanted" if soft < 0 else f"{soft} for a process")
    advice = f"ulimit -n {_DESCRIPTORS if hard < 0 else min(hard, _DESCRIPTORS)}"
    if soft < _DESCRIPTORS_MIN:
        return fail("open files", f"only {soft} for a process", advice)
    return warn("open files", f"only {soft} for a process", advice)


def clock(head_s: float | None) -> Line:
    """The time of day and its zone; `head_s` is when the newest commit was made."""
    now = time.time()
    shown = time.strftime("%Y-%m-%d %H:%M %Z (%z)", time.localtime(now))
    if now < _BUILT_S or (head_s is not None and head_s > now + _DAY_S):
        advice = "set the clock; times in logs and commits would be wrong"
        return warn("clock", f"{shown} is before the newest commit or this program", advice)
    zone = os.environ.get("TZ", "").removeprefix(":")
    if zone and "/" in zone and not zone.startswith("/") and not (_ZONES / zone).is_file():
        advice = "write it as in /usr/share/zoneinfo; limits that name a time of day count by it"
        return warn("clock", f"{shown}; TZ={zone} is no time zone here", advice)
    return ok("clock", shown)
