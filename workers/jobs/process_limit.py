"""A bound on how many processes a job may add, kept by the system (RLIMIT_NPROC).

The system counts all processes and threads of the user, not those of the job: the bound is coarse.
It has no effect on root.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..process import capabilities
from ..process.process_table import read_proc


@contextmanager
def process_limit(more: int) -> Iterator[None]:
    """Let what is started meanwhile, and its descendants, have `more` processes above the present.

    It is set in this process and taken back, because a limit that is set on a living child comes
    too late for what that child has forked by then. 0 is no bound.
    """
    present = _present() if more > 0 and os.geteuid() != 0 else None
    if present is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    wanted = _lowest(present + more, soft, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))


def _lowest(*limits: int) -> int:
    return min(limit for limit in limits if limit != resource.RLIM_INFINITY)


def _present() -> int | None:
    """Count the user's processes and threads; None where the system does not tell."""
    if not capabilities.HERE.procfs:
        return None
    count, user = 0, os.getuid()
    for name in os.listdir("/proc"):  # noqa: PTH208  a thousand Path objects cost more than the reading
        if name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                count += _threads(int(name)) if os.stat(f"/proc/{name}").st_uid == user else 0  # noqa: PTH116  as above
    return count


def _threads(pid: int) -> int:
    # proc_pid_stat(5): field 20 is the number of threads; the last bracket ends field 2.
    fields = read_proc(pid, "stat").rpartition(b")")[2].split()
    return int(fields[17]) if fields else 0
