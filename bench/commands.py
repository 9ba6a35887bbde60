"""Commands: how long --help and status take, with and without a running root."""

from __future__ import annotations

from bench.scratch import COMMAND, Scratch
from bench.table import Row, row

PRDS, STORIES = 3, 8


def measure(*, quick: bool) -> list[Row]:
    """Time whole processes, the caches warm, on three PRDs of which two stories each are done."""
    times = 5 if quick else 20
    with Scratch() as scratch:
        scratch.fill(agent_s=0.05, prds=PRDS, stories=STORIES)
        scratch.run()
        help_s = scratch.timed(times, COMMAND, "--help")
        alone = scratch.timed(times, COMMAND, "status")
    with Scratch() as scratch:
        scratch.fill(agent_s=600, prds=PRDS, stories=STORIES)
        scratch.start()
        scratch.wait_for_agents(PRDS * 3)
        running = scratch.timed(times, COMMAND, "status")
    return [
        row("prd-supervise --help", help_s, goal=120),
        row("prd-supervise status, no root runs", alone, goal=200),
        row("prd-supervise status, root runs", running, goal=200),
    ]
