"""Ceilings: what a pass of the monitor costs, over two hundred children of one story."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.table import Row, row
from prd_supervise.policies.ceilings.judging import Watch, judge
from prd_supervise.policies.ceilings.pressure import HostSample
from prd_supervise.policies.ceilings.verdicts import Attempt, Ceilings
from prd_supervise.supervisor.shell.ceilings.kinship import Kinship, Worker
from prd_supervise.supervisor.shell.ceilings.sampling import Sampler, read_host
from prd_supervise.workers.process.process_table import read_start_ticks

SCRIPT = Path(__file__).resolve().parent.parent / "tests" / "support" / "worker_like.py"
GOAL_MS = 20.0


def measure(*, quick: bool) -> list[Row]:
    """Take pass after pass; the processor's time of this process is what counts."""
    passes = 10 if quick else 50
    argv = [sys.executable, str(SCRIPT), "crowd", "."]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout is None or len(json.loads(process.stdout.readline())["pids"]) != 200:  # noqa: PLR2004  the crowd
            raise AssertionError("there is no crowd")
        worker = Worker(
            attempt=Attempt(prd_id="A", story_id="1", number=1),
            pid=process.pid,
            start_ticks=read_start_ticks(process.pid) or 0,
            began_at_s=0.0,
        )
        costs_s = _passes(worker, passes)
        process.communicate()
    return [row("a pass of the monitor, 200 children", costs_s, goal=GOAL_MS)]


def _passes(worker: Worker, passes: int) -> list[float]:
    sampler, watch, ceilings = Sampler(Kinship("bench")), Watch(), Ceilings()
    costs_s = []
    for number in range(passes + 1):
        began_s = time.process_time()
        samples = sampler.take([worker], lambda _: frozenset())
        host: HostSample = read_host()
        watch, _ = judge(watch, samples, host, {}, ceilings, float(number))
        costs_s.append(time.process_time() - began_s)
    return costs_s[1:]  # in the first pass psutil's objects are made
