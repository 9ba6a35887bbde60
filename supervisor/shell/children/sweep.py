"""What lives and lies about of an earlier run: found by its marker, and ended or removed."""

from __future__ import annotations

import os
import signal
import time

import psutil

from ....workers.attempt.temporary import sweep_temporary
from ....workers.process.descendants import pidfd_of

MARKER = "PRD_SUPERVISE_RUN"
SWEEP_S = 5.0
_NAP_S = 0.02


def sweep_survivors(marker: str) -> int:
    """Kill every process that bears this repository's marker; say how many there were.

    Their folders for temporary files go with them.
    Call it with root's lock held: then nobody has a right to bear it. A number that is used again
    is not hit: the mark is looked at once more when the process is held by a pidfd.
    """
    killed: set[int] = set()
    deadline_s = time.monotonic() + SWEEP_S
    while survivors := _bearers(marker):
        for process in survivors:
            _kill(process, marker)
            killed.add(process.pid)
        if time.monotonic() > deadline_s:
            break  # it sleeps in the kernel, or is not ours to kill; its story's lock tells
        time.sleep(_NAP_S)
    sweep_temporary(marker)
    return len(killed)


def _bearers(marker: str) -> list[psutil.Process]:
    kin = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in kin and _bears(process, marker)
    ]


def _bears(process: psutil.Process, marker: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get(MARKER) == marker
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return False  # gone, somebody else's, or the kernel's


def _kill(process: psutil.Process, marker: str) -> None:
    descriptor = pidfd_of(process.pid)
    try:
        if descriptor is None:  # psutil compares the start time before it signals
            process.kill()
        elif _bears(process, marker):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError, PermissionError):
        return  # it went by itself, or is not ours to kill
    finally:
        if descriptor is not None:
            os.close(descriptor)
