"""Idle cost: processor time and memory of a tree that waits for its agents."""

from __future__ import annotations

import os
import time
from collections import defaultdict

import psutil

from bench.scratch import Scratch
from bench.table import Row, row

PRDS, STORIES = 3, 3
SETTLE_S = 2.0
MIB = 1 << 20
_ROLES = ("root", "prd", "git", "story")


def measure(*, quick: bool) -> list[Row]:
    """Let root, 3 PRD supervisors, 3 integrators and 9 story workers wait for sleeping agents."""
    window_s = 5.0 if quick else 20.0
    with Scratch() as scratch:
        scratch.fill(agent_s=600, prds=PRDS, stories=STORIES)
        scratch.start()
        scratch.wait_for_agents(PRDS * STORIES)
        time.sleep(SETTLE_S)
        tree = tree_of(scratch.root.pid)
        before = {each: cpu_s(each) for roles in tree.values() for each in roles}
        began_s = time.monotonic()
        time.sleep(window_s)
        elapsed_s = time.monotonic() - began_s
        shares = {
            role: 100 * sum(cpu_s(each) - before[each] for each in found) / elapsed_s
            for role, found in tree.items()
        }
        memory = {
            role: [each.memory_full_info().uss / MIB for each in found]
            for role, found in tree.items()
        }
    count = len(before)
    rows = [row(f"idle: all {count} processes of ours", [sum(shares.values())], "% CPU", goal=1)]
    rows += [row(f"idle: {role} x {len(tree[role])}", [shares[role]], "% CPU") for role in shares]
    rows += [row(f"USS: {role}", memory[role], "MiB", goal=15) for role in memory]
    rows.append(row("USS: all of them", [sum(map(sum, memory.values()))], "MiB"))
    return rows


def tree_of(root_pid: int) -> dict[str, list[psutil.Process]]:
    """Our own processes by their role: the title tells; the rest of them are agents."""
    tree: dict[str, list[psutil.Process]] = defaultdict(list)
    root = psutil.Process(root_pid)
    for process in (root, *root.children(recursive=True)):
        title = " ".join(process.cmdline())
        role = title.removeprefix("prd-supervise: ").split(" ")[0]
        if title.startswith("prd-supervise: ") and role in _ROLES:
            tree[role].append(process)
        elif "resource_tracker" in title:
            tree["resource tracker"].append(process)
    return dict(tree)


def cpu_s(process: psutil.Process) -> float:
    """Processor time in nanosecond steps where the kernel tells it (psutil has ticks of 10 ms)."""
    path = f"/proc/{process.pid}/schedstat"
    if os.path.exists(path):  # noqa: PTH110  a look at /proc
        with open(path, encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[0]) / 1e9
    times = process.cpu_times()
    return times.user + times.system
