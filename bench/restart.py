"""Restart: from SIGKILL of a child to the next one ready, here and at other supervisors.

The children of the peers, and of our tree, have lived for two seconds and a random part of a third
before their death, so that nobody takes one for a child that cannot start, and nobody who looks
now and then is met in step. What waiting costs is told of the supervising process, of ours of all.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from bench.idle import cpu_s, tree_of
from bench.peers import Peer, peers, write_child
from bench.scratch import Scratch
from bench.table import Row, row

DRIVER = Path(__file__).with_name("restart_driver.py")
LIVES_S = 2.0
GONE_S = 1.0
WAIT_S_MAX = 30.0
IDLE_S = 10.0
BACKOFF_S = 0.001  # as good as none
STORY = "US-001"
MIB = 1 << 20
_LOOK_S = 0.0005
_AGENT = """\
#!/bin/bash
echo "$$ $EPOCHREALTIME" >> {starts}
exec sleep 600
"""
_SETTINGS = """
[restart]
max_attempts = 1000
intensity = 1000
period_s = 60
backoff_base_s = {backoff_s}
backoff_cap_s = {backoff_s}
"""


def measure(*, quick: bool) -> list[Row]:
    """Kill children of ours and of each peer that is installed."""
    times = 4 if quick else 12
    rows = [*_workers(times * 3), *_tree(times)]
    for peer in peers():
        if peer.command is None:
            print(f"{peer.name} is not installed: not measured")
        else:
            rows += _peer(peer, times)
    return rows


def _workers(times: int) -> list[Row]:
    """Our worker under its supervisor's own parts, without git."""
    with tempfile.TemporaryDirectory(prefix="prd-bench-") as folder:
        command = (sys.executable, str(DRIVER), folder, str(times))
        driven = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found = json.loads(driven.stdout)
    return [
        row("ours, spare: SIGKILL to Ready", found["spare"]["ready"], goal=10),
        row("ours, spare: SIGKILL to the next agent's start", found["spare"]["agent"]),
        row("ours, cold: SIGKILL to Ready", found["cold"]["ready"]),
        row("ours, cold: SIGKILL to the next agent's start", found["cold"]["agent"]),
    ]


def _tree(times: int) -> list[Row]:
    """The whole tree: journal, git and all; the next attempt's agent has to run."""
    with Scratch() as scratch:
        scratch.fill(agent_s=600, prds=1, stories=4)
        starts = scratch.top / "starts"
        starts.touch()
        (scratch.repository / "agent.sh").write_text(_AGENT.format(starts=starts))
        settings = scratch.repository / "prd-supervise.toml"
        settings.write_text(settings.read_text() + _SETTINGS.format(backoff_s=BACKOFF_S))
        scratch.start("--max-workers", "1")
        _wait_for_start(starts, 1)
        time.sleep(LIVES_S)
        by_role = tree_of(scratch.root.pid)
        ours = [each for role in by_role.values() for each in role]
        costs = _costs(f"ours, all {len(ours)} processes", ours)
        costs += _costs("ours, the PRD supervisor", by_role["prd"])
        worker = f"story PRD-1/{STORY}"
        taken = _kill_often(starts, times, lambda _agent: _titled(scratch.root.pid, worker))
        left = _survivors(scratch.root.pid)
    return [
        row("ours, tree: SIGKILL of the worker to the next agent", taken),
        row("ours: left 1 s after SIGKILL of root", [left], "processes", goal=0),
        *costs,
    ]


def _peer(peer: Peer, times: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="prd-bench-") as name:
        folder = Path(name)
        starts = write_child(folder)
        supervisor = peer.start(folder, folder / "log")
        try:
            _wait_for_start(starts, 1)
            time.sleep(LIVES_S)
            costs = _costs(peer.name, [psutil.Process(supervisor.pid)])
            taken = _kill_often(starts, times, lambda child: child)
            left = _survivors(supervisor.pid)
        finally:
            supervisor.kill()
            supervisor.wait()
            for pid, _ in _starts(starts):
                _end(pid, str(folder))
    return [
        row(f"{peer.name}: SIGKILL to the next child's start", taken),
        row(f"{peer.name}: left 1 s after SIGKILL of it", [left], "processes"),
        *costs,
    ]


def _kill_often(starts: Path, times: int, victim_of: Callable[[int], int]) -> list[float]:
    """Kill what `victim_of` says of the child, and see when the next child has started."""
    taken = []
    for _ in range(times):
        time.sleep(LIVES_S + random.random())  # noqa: S311  no secret
        known = _starts(starts)
        victim = victim_of(known[-1][0])
        killed_s = time.time()
        os.kill(victim, signal.SIGKILL)
        taken.append(_wait_for_start(starts, len(known) + 1) - killed_s)
    return taken


def _survivors(supervisor: int) -> float:
    """Kill a supervisor, and count who of its tree lives a second later."""
    root = psutil.Process(supervisor)
    tree = root.children(recursive=True)
    root.kill()
    _, alive = psutil.wait_procs(tree, timeout=GONE_S)
    return float(sum(each.status() != psutil.STATUS_ZOMBIE for each in alive))


def _costs(name: str, processes: list[psutil.Process]) -> list[Row]:
    """What waiting costs: processor time over some seconds, memory at its end."""
    before = {each: cpu_s(each) for each in processes}
    began_s = time.monotonic()
    time.sleep(IDLE_S)
    elapsed_s = time.monotonic() - began_s
    used = 100 * sum(cpu_s(each) - before[each] for each in processes) / elapsed_s
    memory = [each.memory_full_info() for each in processes]
    return [
        row(f"{name}: idle", [used], "% CPU"),
        row(f"{name}: USS", [sum(each.uss for each in memory) / MIB], "MiB"),
        row(f"{name}: RSS", [sum(each.rss for each in memory) / MIB], "MiB"),
    ]


def _starts(starts: Path) -> list[tuple[int, float]]:
    """The children so far: pid and the moment at which each one started, by the wall clock."""
    whole = starts.read_text().rpartition("\n")[0]
    lines = (line.split() for line in whole.splitlines())
    return [(int(pid), float(at_s)) for pid, at_s in lines]


def _wait_for_start(starts: Path, count: int) -> float:
    deadline_s = time.monotonic() + WAIT_S_MAX
    while len(found := _starts(starts)) < count:
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"no start number {count} within {WAIT_S_MAX:g} s")
        time.sleep(_LOOK_S)
    return found[count - 1][1]


def _titled(root: int, words: str) -> int:
    for each in psutil.Process(root).children(recursive=True):
        if words in " ".join(each.cmdline()):
            return each.pid
    raise RuntimeError(f"there is no process {words!r}")


def _end(pid: int, folder: str) -> None:
    """End a child that outlived its supervisor, if it is still the one that we started."""
    try:
        process = psutil.Process(pid)
        if process.cwd().startswith(folder):
            process.kill()
    except (psutil.Error, OSError):
        return
