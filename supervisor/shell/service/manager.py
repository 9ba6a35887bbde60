"""Which service manager has started this process, if any has, and where it wants to be told."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from functools import cache

from msgspec import Struct

# launchd names the job there; shells in a Terminal have another name or "0".
LAUNCHD_LABEL = "org.prd-supervise"

_USEC = 1_000_000
_NOTIFY_SOCKET = "NOTIFY_SOCKET"
_WATCHDOG_USEC = "WATCHDOG_USEC"
_WATCHDOG_PID = "WATCHDOG_PID"
_EXEC_PID = "SYSTEMD_EXEC_PID"


class Manager(Struct, frozen=True, kw_only=True):
    """What a service manager has said to this process at its start."""

    address: str = ""  # the socket at which it listens; empty: it listens to nobody
    watchdog_s: float | None = None  # it wants to hear from us at least this often
    is_launchd: bool = False
    complaint: str = ""  # what it said that nobody can understand

    @property
    def is_there(self) -> bool:
        """Say whether a manager has started us."""
        return bool(self.address) or self.is_launchd


@cache
def manager() -> Manager:
    """The manager of this process. What it has said is for us alone: no child inherits it."""
    return taken_from(os.environ, pid=os.getpid(), parent=os.getppid())


def is_service() -> bool:
    """Say whether a service manager has started us: it starts again by itself, a person types."""
    return manager().is_there


def taken_from(environment: MutableMapping[str, str], *, pid: int, parent: int) -> Manager:
    """Take what a manager has said out of the environment.

    A terminal or a multiplexer that is a service itself leaves it to whatever is typed there: then
    it is not said to us, nor to who has started us (a wrapper, for whose unit we speak).
    """
    address = environment.pop(_NOTIFY_SOCKET, "")
    told_usec = environment.pop(_WATCHDOG_USEC, "")
    told_pid = environment.pop(_WATCHDOG_PID, "")
    is_launchd = environment.get("XPC_SERVICE_NAME", "").startswith(f"{LAUNCHD_LABEL}.")
    if environment.get(_EXEC_PID, str(pid)) not in {str(pid), str(parent)}:
        return Manager(is_launchd=is_launchd)
    watchdog_s = None
    complaint = ""
    if address and told_usec and told_pid in {"", str(pid)}:  # sd_watchdog_enabled(3)
        watchdog_s = _seconds(told_usec)
        if watchdog_s is None:
            complaint = f"{_WATCHDOG_USEC}={told_usec!r}: no number of microseconds; no watchdog"
    return Manager(
        address=address, watchdog_s=watchdog_s, is_launchd=is_launchd, complaint=complaint
    )


def _seconds(usec: str) -> float | None:
    """A positive number of microseconds, in seconds; None if it is none."""
    if not (usec.isascii() and usec.isdigit() and int(usec) > 0):
        return None
    return int(usec) / _USEC
