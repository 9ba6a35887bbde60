"""What psutil tells of processes, for systems that have no /proc; nobody else loads it.

The start of a process is told in microseconds. An environment is that of its start, and macOS keeps
back those of its own protected programs, /bin/sh among them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

Row = tuple[int, int, int, int, str]  # pid, parent, session, start, state in psutil's words

_NOT_TOLD = (psutil.NoSuchProcess, psutil.AccessDenied, OSError)


def read_rows() -> Iterator[Row]:
    """Read all processes; who comes or goes meanwhile may be missing."""
    for pid in psutil.pids():
        row = read_row(pid)
        if row is not None:
            yield row


def read_row(pid: int) -> Row | None:
    """Read one process; None if it is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            began = round(process.create_time() * 1e6)
            return pid, process.ppid() or 0, _session_of(pid), began, process.status()
    except _NOT_TOLD:
        return None


def read_environment(pid: int) -> list[bytes]:
    """Read `NAME=value`; none where the system keeps it back."""
    try:
        told = psutil.Process(pid).environ()
    except _NOT_TOLD:
        return []
    return [os.fsencode(f"{name}={value}") for name, value in told.items()]


def read_commands() -> dict[int, list[bytes]]:
    """Read every command line that we are told, in words."""
    found = {}
    for pid in psutil.pids():
        try:
            words = psutil.Process(pid).cmdline()
        except _NOT_TOLD:
            continue
        found[pid] = [os.fsencode(word) for word in words] or [b""]
    return found


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:  # gone, or not ours to ask about
        return 0
