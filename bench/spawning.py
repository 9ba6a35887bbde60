"""Spawning: from the call to the child's word that it serves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.scratch import Scratch
from bench.table import Row, row

DRIVER = Path(__file__).with_name("spawn_driver.py")


def measure(*, quick: bool) -> list[Row]:
    """Spawn story workers and integrators one after the other, by the product's own code."""
    times = 10 if quick else 30
    with Scratch() as scratch:
        scratch.fill(agent_s=1, prds=1, stories=1)
        driven = subprocess.run(
            (sys.executable, str(DRIVER), str(scratch.top), str(scratch.repository), str(times)),
            cwd=scratch.repository,
            env=scratch.environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        bare = scratch.timed(times, sys.executable, "-c", "pass")
        light = scratch.timed(times, sys.executable, "-c", "import multiprocessing.connection")
    found = json.loads(driven.stdout)
    return [
        row("story worker: spawn to ready", found["story"]["ready"], goal=80),
        row("story worker: its parent is held up for", found["story"]["blocked"]),
        row("story worker: asked to stop, to its exit", found["story"]["ended"]),
        row("integrator: spawn to ready", found["git"]["ready"]),
        row("for comparison: python -c pass", bare),
        row("for comparison: python with multiprocessing.connection", light),
    ]
