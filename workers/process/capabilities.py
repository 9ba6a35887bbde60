"""What this system can do for us: probed once, never told from its name.

Linux has the first of each kind, macOS the second; where there is neither, something slower does.
Whatever asks a system for one of these asks `HERE` first, so that a test can take it away.
docs/guarantees.md says what each lack costs.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import select
import socket

from msgspec import Struct

_PR_GET_PDEATHSIG = 2
_PR_GET_CHILD_SUBREAPER = 37
_NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class Capabilities(Struct, frozen=True, kw_only=True):
    """What there is, each a name for itself."""

    pidfd: bool  # a descriptor that is one process, and readable at its end
    kqueue: bool  # EVFILT_PROC tells of a process's end
    death_signal: bool  # the kernel signals a child when its parent dies
    subreaper: bool  # orphans below us become our children
    waitid: bool  # a dead child can be looked at without being reaped
    procfs: bool  # /proc/<pid> as Linux has it
    inotify: bool  # folders tell of changes
    peer_credentials: str  # the socket option that names who is connected; empty: none
    data_sync: str  # the call that brings data onto the disk: fdatasync, F_FULLFSYNC or fsync


def probe() -> Capabilities:
    """Look what the system has; a sandbox may refuse what the kernel could."""
    return Capabilities(
        pidfd=_has_pidfd(),
        kqueue=hasattr(select, "kqueue"),
        death_signal=_answers(_PR_GET_PDEATHSIG),
        subreaper=_answers(_PR_GET_CHILD_SUBREAPER),
        waitid=hasattr(os, "waitid"),  # macOS: from Python 3.13 on
        procfs=os.path.exists("/proc/self/stat"),  # noqa: PTH110  on every start; no Path needed
        inotify=hasattr(ctypes.CDLL(None), "inotify_init1"),
        peer_credentials=_first_of(socket, "SO_PEERCRED", "LOCAL_PEERCRED"),
        # F_FULLFSYNC first: its system's fsync leaves the data in the drive's cache.
        data_sync=_first_of(fcntl, "F_FULLFSYNC") or _first_of(os, "fdatasync") or "fsync",
    )


def _has_pidfd() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except AttributeError:
        return False
    except OSError as error:  # before Linux 5.3, or refused; no descriptor left says nothing
        return error.errno in _NO_DESCRIPTORS
    return True


def _answers(option: int) -> bool:
    """Ask prctl for a value of ours that it could set as well."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    return prctl is not None and prctl(option, ctypes.byref(ctypes.c_int()), 0, 0, 0) == 0


def _first_of(module: object, *names: str) -> str:
    return next((name for name in names if hasattr(module, name)), "")


HERE = probe()
