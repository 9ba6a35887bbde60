"""Which processes there are and whose children: from /proc, or by psutil where that is missing."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

from msgspec import Struct

from . import capabilities

_CHUNK_BYTES = 65536


class Process(Struct, frozen=True, kw_only=True):
    """A process at the moment that the table was read; a zombie is dead, but not reaped yet."""

    pid: int
    parent: int
    session: int
    start_ticks: int  # microseconds of the epoch where there is no /proc
    is_zombie: bool
    is_stopped: bool = False  # by a signal, or by a debugger


def read_table() -> dict[int, Process]:
    """Read all processes. Not one moment: what forks or exits meanwhile may be missed."""
    if not capabilities.HERE.procfs:
        return {process.pid: process for process in map(_of_row, _portable().read_rows())}
    table = {}
    for name in os.listdir("/proc"):  # noqa: PTH208  two thousand Path objects cost more than the reading
        if name.isdigit():
            process = _process_from_proc(int(name))
            if process is not None:
                table[process.pid] = process
    return table


def read_process(pid: int) -> Process | None:
    """Read one process; None if it is gone."""
    if capabilities.HERE.procfs:
        return _process_from_proc(pid)
    row = _portable().read_row(pid)
    return None if row is None else _of_row(row)


def read_children(pid: int) -> list[int]:
    """List the direct children, in one look where the kernel lists them (CONFIG_PROC_CHILDREN)."""
    listed = _children_from_tasks(pid) if capabilities.HERE.procfs else None
    if listed is not None:
        return listed
    return sorted(process.pid for process in read_table().values() if process.parent == pid)


def read_family(pid: int) -> list[Process]:
    """Read all below a process, parents before their children; quick, and one may be missed."""
    if not capabilities.HERE.procfs or _children_from_tasks(pid) is None:
        return below(pid, read_table())
    found: list[Process] = []
    level = [pid]
    while level:
        level = [child for parent in level for child in read_children(parent)]
        known = [process for child in level if (process := read_process(child)) is not None]
        found += known
        level = [process.pid for process in known]
    return found


def below(
    pid: int, table: dict[int, Process], is_kept: Callable[[Process], bool] = lambda _: False
) -> list[Process]:
    """Walk down a table from a process, past those that are kept and what is below them."""
    children: defaultdict[int, list[Process]] = defaultdict(list)
    for process in table.values():
        children[process.parent].append(process)
    found: list[Process] = []
    seen = {pid}
    level = [pid]
    while level:
        next_ones = [process for parent in level for process in children[parent]]
        # The table is not one moment: a number that was used twice could close a circle.
        fresh = [each for each in next_ones if each.pid not in seen and not is_kept(each)]
        found += fresh
        level = [process.pid for process in fresh]
        seen.update(level)
    return found


def read_commands() -> dict[int, list[bytes]]:
    """Read the command line of every process, in words."""
    if capabilities.HERE.procfs:
        return {pid: read_proc(pid, "cmdline").split(b"\0") for pid in read_table()}
    commands: dict[int, list[bytes]] = _portable().read_commands()
    return commands


def read_environment(pid: int) -> list[bytes]:
    """Read `NAME=value` as the process was started with; none if that is not ours to see."""
    if capabilities.HERE.procfs:
        return read_proc(pid, "environ").split(b"\0")
    entries: list[bytes] = _portable().read_environment(pid)
    return entries


def read_start_ticks(pid: int) -> int | None:
    """Read when the process started, in a unit that only serves to recognise it."""
    process = read_process(pid)
    return None if process is None else process.start_ticks


def read_proc(pid: int, name: str) -> bytes:
    """Read /proc/<pid>/<name>; empty if the process is gone or is not ours to look at."""
    # The process can vanish between open and read (ESRCH), and hidepid hides those of others.
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        descriptor = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            # Some of these files give no more than a page at a time.
            return b"".join(iter(lambda: os.read(descriptor, _CHUNK_BYTES), b""))
        finally:
            os.close(descriptor)
    return b""


def _process_from_proc(pid: int) -> Process | None:
    # A command's name may hold anything, also `) R 1`: what we want follows the LAST bracket.
    fields = read_proc(pid, "stat").rpartition(b")")[2].split()
    if not fields:
        return None
    # proc_pid_stat(5): field 3 is the state, 4 the parent, 6 the session, 22 the start time.
    return Process(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        start_ticks=int(fields[19]),
        is_zombie=fields[0] in {b"Z", b"X"},
        is_stopped=fields[0] in {b"T", b"t"},
    )


def _children_from_tasks(pid: int) -> list[int] | None:
    """List the children that each thread started; None on a kernel without that file."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  see read_table
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []
    names = [f"task/{task}/children" for task in tasks]
    if not any(os.path.exists(f"/proc/{pid}/{name}") for name in names):  # noqa: PTH110  as above
        return None
    return sorted(int(child) for name in names for child in read_proc(pid, name).split())


def _portable() -> ModuleType:
    """Load what is wanted only here: psutil takes longer than a worker's whole start."""
    from . import portable_table  # noqa: PLC0415  as above

    return portable_table


def _of_row(row: tuple[int, int, int, int, str]) -> Process:
    pid, parent, session, start_ticks, state = row
    return Process(
        pid=pid,
        parent=parent,
        session=session,
        start_ticks=start_ticks,
        is_zombie=state == "zombie",
        is_stopped=state in {"stopped", "tracing-stop"},
    )
