"""What a service costs that only watches: wake-ups, processor time and memory of root."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

from bench.idle import MIB, cpu_s
from bench.scratch import COMMAND, Scratch
from bench.table import Row, row

DONE_S_MAX = 600.0
SETTLE_S = 26.0  # the notifier leaves after 20 s; alarms of what has ended go off
# The same program on a system whose kernel does not tell of changed files.
_BLIND = """
from prd_supervise.supervisor.shell import folder_watch
folder_watch.inotify = lambda: None
from prd_supervise.supervisor.ui.cli.main import run
run()
"""


def measure(*, quick: bool) -> list[Row]:
    """Watch with nothing ever run, and with PRDs that are complete; hearing, and looking."""
    rows: list[Row] = []
    for prds in (0, 3 if quick else 50):
        rows += _measured(prds, (COMMAND,), f"{prds} PRDs done", quick=quick)
    blind = (sys.executable, "-P", "-c", _BLIND)
    return rows + _measured(0, blind, "without inotify", quick=quick)


def _measured(prds: int, program: tuple[str, ...], what: str, *, quick: bool) -> list[Row]:
    window_s = 10.0 if quick else 60.0
    with Scratch() as scratch:
        scratch.fill(agent_s=0, prds=prds, stories=1)
        scratch.start("--watch", program=program)
        _wait_until_done(scratch, prds)
        time.sleep(SETTLE_S)
        root = psutil.Process(scratch.root.pid)
        woken, cpu, began_s = _wake_ups(root.pid), cpu_s(root), time.monotonic()
        time.sleep(window_s)
        elapsed_s = time.monotonic() - began_s
        woken, cpu = _wake_ups(root.pid) - woken, cpu_s(root) - cpu
        titles = [" ".join(each.cmdline()) for each in root.children(recursive=True)]
        ours = sum(title.startswith("prd-supervise: ") for title in titles)
        uss = root.memory_full_info().uss / MIB
    return [
        row(f"watch, {what}: wake-ups", [60 * woken / elapsed_s], "a minute"),
        row(f"watch, {what}: processor time", [1000 * cpu * 60 / elapsed_s], "ms a minute"),
        row(f"watch, {what}: USS of root", [uss], "MiB"),
        row(f"watch, {what}: children of ours", [ours], "", goal=0),
    ]


def _wait_until_done(scratch: Scratch, prds: int) -> None:
    events = scratch.repository / ".prd-supervise" / "events.jsonl"
    deadline_s = time.monotonic() + DONE_S_MAX
    while True:
        text = events.read_text() if events.exists() else ""
        if '"watching"' in text and text.count('"prd_completed"') >= prds:
            return
        if time.monotonic() > deadline_s or scratch.root.poll() is not None:
            raise RuntimeError(f"not {prds} PRDs done:\n{text[-2000:]}")
        time.sleep(0.2)


def _wake_ups(pid: int) -> int:
    """How often it has slept, and so was woken."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("voluntary_ctxt_switches"):
            return int(line.split()[1])
    raise RuntimeError("the kernel does not count them")
