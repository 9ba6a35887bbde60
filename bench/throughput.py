"""Throughput: the wall time of many stories against what the agents alone would take."""

from __future__ import annotations

import math

from bench.scratch import Scratch
from bench.table import Row, row

PRDS, STORIES, WORKERS = 4, 6, 3


def measure(*, quick: bool) -> list[Row]:
    """Run 4 PRDs of 6 independent stories with room for 12 agents, from the command to its end."""
    agent_s = 1.0 if quick else 5.0
    with Scratch() as scratch:
        scratch.fill(agent_s=agent_s, prds=PRDS, stories=STORIES)
        limits = ("--max-prds", str(PRDS), "--max-workers", str(WORKERS), "--api-limit", "12")
        wall_s, cpu_s = scratch.run(*limits)
    ideal_s = math.ceil(STORIES / WORKERS) * agent_s
    stories = PRDS * STORIES
    name = f"{PRDS} x {STORIES} stories of {agent_s:g} s, 12 at once"
    return [
        row(f"{name}: wall time / ideal ({ideal_s:g} s)", [wall_s / ideal_s], "x", goal=1.05),
        row(f"{name}: wall time over the ideal", [wall_s - ideal_s]),
        row(f"{name}: processor time a story, git included", [cpu_s / stories]),
    ]
