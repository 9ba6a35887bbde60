"""Who descends from whom, by one look at all processes."""

from __future__ import annotations

from prd_supervise.workers.process.process_table import below, read_table


def descendants_of(pid: int) -> list[int]:
    """List everything below the process, parents before their children, zombies included."""
    return [process.pid for process in below(pid, read_table())]
