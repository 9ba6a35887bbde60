"""Who descends from whom, and how everything that descends from this process is killed.

Where there are subreapers this process is expected to be one: whatever loses its parent below us
becomes our child, so no double fork and no new session leaves the family. Elsewhere those that have
left it are found by their lineage.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from contextlib import suppress

from msgspec import Struct

from . import capabilities
from .lineage import escaped, line_of
from .process_table import (
    Process,
    below,
    read_children,
    read_environment,
    read_process,
    read_start_ticks,
    read_table,
)

NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_NOBODY: frozenset[int] = frozenset()
_NAP_S_MIN = 0.0005
_NAP_S_MAX = 0.005


def children_of(pid: int) -> list[int]:
    """List the direct children; one that forks or dies right now may be missed."""
    return read_children(pid)


def start_ticks(pid: int) -> int | None:
    """Say when the process started, in a unit that only serves to recognise it; None if gone."""
    return read_start_ticks(pid)


def pidfd_of(pid: int) -> int | None:
    """Open a descriptor that is readable at the process's end; None without such a thing."""
    if not capabilities.HERE.pidfd:
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:  # it is gone; no descriptor left
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
    if capabilities.HERE.subreaper and not keep and not _has_children():
        return []

    def is_kept(process: Process) -> bool:
        return _is_kept(process, keep, marks)

    table = read_table()
    return below(os.getpid(), table, is_kept) + escaped(table, is_kept)


def has_strays(keep: frozenset[int]) -> bool:
    """Say quickly whether there may be any: who is orphaned below us has become a child of ours."""
    if not keep.issuperset(children_of(os.getpid())):
        return True
    return not capabilities.HERE.subreaper and bool(strays(keep))


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
    return len(sweep(deadline_s, keep=keep, marks=marks).killed)


class Swept(Struct, frozen=True, kw_only=True):
    """What a sweep found living, and what of it is not dead even now (state D, or not ours)."""

    killed: frozenset[int]
    undead: frozenset[int]


def sweep(
    deadline_s: float, *, keep: frozenset[int] = _NOBODY, marks: tuple[bytes, ...] = ()
) -> Swept:
    """Do as kill_all_descendants does, and return the pids of those that lived."""
    killed: set[int] = set()
    nap_s = _NAP_S_MIN
    while True:
        try:
            lived, unfinished = _kill_once(keep, marks)
        except OSError as error:
            if error.errno not in NO_DESCRIPTORS or time.monotonic() >= deadline_s:
                raise
            time.sleep(_NAP_S_MAX)  # those that die now give theirs back
            continue
        forks = bool(killed) and not lived <= killed
        killed |= lived
        left_s = deadline_s - time.monotonic()
        # What sleeps in the kernel (state D) dies when it wakes up; nobody may wait for that.
        if not unfinished or left_s <= 0:
            alive = () if not unfinished else strays(keep, marks)
            undead = frozenset(process.pid for process in alive if not process.is_zombie)
            return Swept(killed=frozenset(killed), undead=undead)
        if forks:  # faster than it is killed: what is stopped does not fork
            hold_still(deadline_s, keep=keep, marks=marks)
        else:
            time.sleep(min(nap_s, left_s))
            nap_s = min(2 * nap_s, _NAP_S_MAX)


def hold_still(
    deadline_s: float, *, keep: frozenset[int] = _NOBODY, marks: tuple[bytes, ...] = ()
) -> None:
    """Stop strays until none is left that runs, or until `deadline_s` (monotonic).

    Each is stopped as soon as it is seen, and its children are looked for only then: whoever forks
    and ends would be gone before a whole table is read. What is stopped forks no more, and dies
    only by our hand, so its number stays its own.
    """
    stopped: set[int] = set()
    fresh = True
    while fresh and time.monotonic() < deadline_s:
        fresh = False
        level = [os.getpid()]
        found = [] if capabilities.HERE.subreaper else [each.pid for each in strays(keep, marks)]
        while level:
            found += [child for pid in level for child in children_of(pid)]
            level = [pid for pid in found if pid not in stopped and _stopped_now(pid, keep, marks)]
            found = []
            stopped.update(level)
            fresh = fresh or bool(level)


def _stopped_now(pid: int, keep: frozenset[int], marks: tuple[bytes, ...]) -> bool:
    process = read_process(pid)
    if process is None or process.is_zombie or _is_kept(process, keep, marks):
        return False
    send(process, signal.SIGSTOP)
    return True


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
        send(process, signal.SIGKILL)
    ours = os.getpid()
    lived = {process.pid for process in found if not process.is_zombie}
    buried = {process.pid for process in found if process.parent == ours and _reaped(process.pid)}
    # A zombie below another process is that one's to reap, or ours as soon as that one is dead.
    waiting = {process.pid for process in found if process.is_zombie and process.parent == ours}
    return lived, lived | (waiting - buried)


def send(process: Process, number: signal.Signals) -> None:
    """Signal this very process; whoever bears its number by now, if it is gone, gets nothing."""
    with suppress(ProcessLookupError, PermissionError):
        descriptor = pidfd_of(process.pid)
        try:
            # The number may belong to somebody else by now; from here on it cannot change any more.
            if read_start_ticks(process.pid) != process.start_ticks:
                return
            if descriptor is None:
                os.kill(process.pid, number)
            else:
                signal.pidfd_send_signal(descriptor, number)
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _reaped(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False


def _has_children() -> bool:
    if not capabilities.HERE.waitid:
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _is_kept(process: Process, keep: frozenset[int], marks: tuple[bytes, ...]) -> bool:
    if process.pid in keep or process.session in keep or _bears(process.pid, marks):
        return True
    # What has left a kept one's family is still its own.
    return bool(keep) and not capabilities.HERE.subreaper and not keep.isdisjoint(line_of(process))


def _bears(pid: int, marks: tuple[bytes, ...]) -> bool:
    if not marks:
        return False
    entries = read_environment(pid)
    return any(mark in entries for mark in marks)
