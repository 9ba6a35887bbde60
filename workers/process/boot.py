"""Which life of the machine this is: nothing that was recorded in another one can be alive.

A number of a process and its start mean something within one boot only. In a container that was
started anew the kernel's boot is the same, and the first process is another one.
"""

from __future__ import annotations

import functools
import os
import subprocess
import time
from pathlib import Path

from . import capabilities
from .process_table import read_start_ticks

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux
_SYSCTL = ("sysctl", "-n", "kern.bootsessionuuid")  # macOS
_SYSCTL_S = 5.0


@functools.cache
def read_boot() -> str:
    """Name this boot, in this container; empty where the system does not tell."""
    # psutil tells starts by the wall clock as it is set now: no name for a boot.
    first = read_start_ticks(1) if capabilities.HERE.procfs else None
    parts = (_kernels_own(), "" if first is None else str(first))
    return ".".join(part for part in parts if part)


def is_rebooted(recorded: str) -> bool:
    """Say whether this is surely another boot than the recorded one."""
    now = read_boot()
    return bool(recorded and now) and recorded != now


def booted_at() -> float | None:
    """When this boot began, by the wall clock; None where the system does not tell."""
    started = read_start_ticks(1)
    if started is None:
        return None
    if not capabilities.HERE.procfs:
        return started / 1e6  # microseconds of the epoch
    up_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.time() - (up_s - started / os.sysconf("SC_CLK_TCK"))


def _kernels_own() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return _by_sysctl()


def _by_sysctl() -> str:
    try:
        told = subprocess.run(
            _SYSCTL,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SYSCTL_S,
            check=False,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""
