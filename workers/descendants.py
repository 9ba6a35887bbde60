"""Who descends from whom, and how everything that descends from this process is killed.

On Linux this process is expected to be a subreaper: whatever loses its parent below us becomes our
child, so no double fork and no new session leaves the family.
"""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress

from .process_table import (
    Process,
    read_children,
    read_proc,
    read_process,
    read_start_ticks,
    read_table,
)

_NOBODY: frozenset[int] = frozenset()
_NAP_S_MIN = 0.0005
_NAP_S_MAX = 0.005


def children_of(pid: int) -> list[int]:
    """List the direct children; one that forks or dies right now may be missed."""
    return read_children(pid)


def descendants_of(pid: int) -> list[int]:
    """List everything below the process, parents before their children, zombies included."""
    return [process.pid for process in _below(pid, lambda _: False)]


def start_ticks(pid: int) -> int | None:
    """Say when the process started, in a unit that only serves to recognise it; None if gone."""
    return read_start_ticks(pid)


def pidfd_of(pid: int) -> int | None:
    """Open a descriptor that is readable at the process's end; None without such a thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # macOS; a kernel before 5.3, a sandbox, no descriptor left
        return None


def is_zombie(pid: int) -> bool:
    """Say whether the process is dead and not reaped yet."""
    process = read_process(pid)
    return process is not None and process.is_zombie


def strays(keep: frozenset[int] = _NOBODY, marks: tuple[bytes, ...] = ()) -> list[Process]:
    """List our descendants but for those that belong to `keep` or bear one of `marks`.

    To a kept process belongs what is below it, and what is in the session that it leads. A mark is
    one `NAME=value` of the environment: it finds those of a kept process that escaped from both.
    """
    if not keep and not _has_children():
        return []

    def is_kept(process: Process) -> bool:
        return process.pid in keep or process.session in keep or _bears(process.pid, marks)

    return list(_below(os.getpid(), is_kept))


def kill_descendants(keep: frozenset[int] = _NOBODY, marks: tuple[bytes, ...] = ()) -> int:
    """Kill all strays and reap those that are our children, in one pass without waiting.

    Return how many were not known to be gone: call it again until that is 0, because what is being
    killed may fork, and its children come to us only when it is dead.
    """
    return len(_kill_once(keep, marks)[1])


def kill_all_descendants(
    deadline_s: float, *, keep: frozenset[int] = _NOBODY, marks: tuple[bytes, ...] = ()
) -> int:
    """Kill strays until none is left or until `deadline_s` (monotonic); return how many lived."""
    return len(sweep(deadline_s, keep=keep, marks=marks))


def sweep(
    deadline_s: float, *, keep: frozenset[int] = _NOBODY, marks: tuple[bytes, ...] = ()
) -> frozenset[int]:
    """Do as kill_all_descendants does, and return the pids of those that lived."""
    killed: set[int] = set()
    nap_s = _NAP_S_MIN
    while True:
        lived, unfinished = _kill_once(keep, marks)
        killed |= lived
        left_s = deadline_s - time.monotonic()
        # What sleeps in the kernel (state D) dies when it wakes up; nobody may wait for that.
        if not unfinished or left_s <= 0:
            return frozenset(killed)
        time.sleep(min(nap_s, left_s))
        nap_s = min(2 * nap_s, _NAP_S_MAX)


def reap_strays(keep: frozenset[int] = _NOBODY) -> int:
    """Reap the zombies that we adopted, but never one of `keep`; return how many."""
    return sum(
        is_zombie(pid) and _reaped(pid) for pid in children_of(os.getpid()) if pid not in keep
    )


def _kill_once(keep: frozenset[int], marks: tuple[bytes, ...]) -> tuple[set[int], set[int]]:
    """Return the pids that lived when we came, and those that may not be gone yet."""
    found = strays(keep, marks)
    for process in found:
        # Zombies too: one whose first thread alone has ended lives on in its other threads.
        _kill(process)
    ours = os.getpid()
    lived = {process.pid for process in found if not process.is_zombie}
    buried = {process.pid for process in found if process.parent == ours and _reaped(process.pid)}
    # A zombie below another process is that one's to reap, or ours as soon as that one is dead.
    waiting = {process.pid for process in found if process.is_zombie and process.parent == ours}
    return lived, lived | (waiting - buried)


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if not hasattr(os, "pidfd_open"):
            os.kill(process.pid, signal.SIGKILL)
            return
        descriptor = os.pidfd_open(process.pid)
        try:
            # The number may belong to somebody else by now; from here on it cannot change any more.
            if read_start_ticks(process.pid) == process.start_ticks:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)


def _reaped(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False


def _has_children() -> bool:
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _below(pid: int, is_kept: Callable[[Process], bool]) -> Iterator[Process]:
    """Walk down from the process, past those that are kept and what is below them."""
    children: defaultdict[int, list[Process]] = defaultdict(list)
    for process in read_table().values():
        children[process.parent].append(process)
    seen = {pid}
    level = [pid]
    while level:
        found = [process for parent in level for process in children[parent]]
        # The table is not one moment: a number that was used twice could close a circle.
        fresh = [process for process in found if process.pid not in seen and not is_kept(process)]
        yield from fresh
        level = [process.pid for process in fresh]
        seen.update(level)


def _bears(pid: int, marks: tuple[bytes, ...]) -> bool:
    if not marks:
        return False
    entries = read_proc(pid, "environ").split(b"\0")
    return any(mark in entries for mark in marks)
