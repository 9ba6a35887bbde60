"""Which processes there are and whose children: from /proc, or by `ps` where that is missing."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

HAS_PROC = os.path.exists("/proc/self/stat")  # noqa: PTH110  asked for on every start; no Path needed

_PS_TIMEOUT_S = 5.0
_CHUNK_BYTES = 65536


class Process(Struct, frozen=True, kw_only=True):
    """A process at the moment that the table was read; a zombie is dead, but not reaped yet."""

    pid: int
    parent: int
    session: int
    start_ticks: int  # seconds of the epoch where only `ps` is there
    is_zombie: bool
    is_stopped: bool = False  # by a signal, or by a debugger


def read_table() -> dict[int, Process]:
    """Read all processes. Not one moment: what forks or exits meanwhile may be missed."""
    if not HAS_PROC:
        return _table_from_ps()
    table = {}
    for name in os.listdir("/proc"):  # noqa: PTH208  two thousand Path objects cost more than the reading
        if name.isdigit():
            process = _process_from_proc(int(name))
            if process is not None:
                table[process.pid] = process
    return table


def read_process(pid: int) -> Process | None:
    """Read one process; None if it is gone."""
    if HAS_PROC:
        return _process_from_proc(pid)
    return _table_from_ps().get(pid)


def read_children(pid: int) -> list[int]:
    """List the direct children, in one look where the kernel lists them (CONFIG_PROC_CHILDREN)."""
    listed = _children_from_tasks(pid) if HAS_PROC else None
    if listed is not None:
        return listed
    return sorted(process.pid for process in read_table().values() if process.parent == pid)


def read_family(pid: int) -> list[Process]:
    """Read all below a process, parents before their children; quick, and one may be missed."""
    if not HAS_PROC or _children_from_tasks(pid) is None:
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
    """Read the command line of every process, in words; `ps` cuts words at their spaces."""
    if HAS_PROC:
        return {pid: read_proc(pid, "cmdline").split(b"\0") for pid in read_table()}
    lines = _ps("-axo", "pid=,command=")[0].splitlines()
    rows = (line.split(maxsplit=1) for line in lines)
    return {int(pid): os.fsencode(*rest).split() or [b""] for pid, *rest in rows if rest}


def read_start_ticks(pid: int) -> int | None:
    """Read when the process started: clock ticks since boot, or seconds of the epoch by `ps`."""
    if HAS_PROC:
        process = _process_from_proc(pid)
        return None if process is None else process.start_ticks
    text = _ps("-o", "lstart=", "-p", str(pid))[0].strip()
    if not text:
        return None
    return _seconds_of(text)


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


def _table_from_ps() -> dict[int, Process]:
    # The group stands in for the session: macOS prints a pointer as `sess`.
    text, ps_pid = _ps("-axo", "pid=,ppid=,pgid=,stat=,lstart=")
    table = {}
    for line in text.splitlines():
        pid, parent, group, state, started = line.split(maxsplit=4)
        if int(pid) != ps_pid:
            table[int(pid)] = Process(
                pid=int(pid),
                parent=int(parent),
                session=int(group),
                start_ticks=_seconds_of(started),
                is_zombie=state.startswith("Z"),
                is_stopped=state.startswith("T"),
            )
    return table


def _seconds_of(text: str) -> int:
    return int(time.mktime(time.strptime(text.strip(), "%a %b %d %H:%M:%S %Y")))


def _ps(*arguments: str) -> tuple[str, int]:
    """Run `ps`; also give its own pid, because it sees itself as our child."""
    with subprocess.Popen(
        ("ps", *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        text=True,
    ) as ps:
        try:
            return ps.communicate(timeout=_PS_TIMEOUT_S)[0], ps.pid
        except subprocess.TimeoutExpired:
            ps.kill()
            raise
