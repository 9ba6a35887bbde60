"""Throughput: the wall time of many stories against what the agents alone would take."""

from __future__ import annotations

import math

from bench.scratch import Scratch
from bench.table import Row, row
from bench.worktrees import MIDDLE, slot_rows

PRDS, STORIES, WORKERS = 4, 6, 3
AGENT_S, QUICK_S = 5.0, 1.0
CONFLICTING = 3  # one story of so many appends to the same file as the others of its kind
_SHARED = f"""\
case $((10#${{PRD_SUPERVISE_STORY_ID#US-}} % {CONFLICTING})) in
0) echo "$PRD_SUPERVISE_STORY_ID" >> shared.txt ;;
esac
"""


def measure(*, quick: bool) -> list[Row]:
    """Run stories from the command to its end: many PRDs, one PRD, one whose stories conflict."""
    agent_s = QUICK_S if quick else AGENT_S
    return [
        *_many_prds(agent_s),
        *_one_prd(agent_s, width=3),
        *_one_prd(agent_s, width=6),
        *_conflicts(agent_s),
        *slot_rows(MIDDLE, times=2 if quick else 5),
    ]


def _many_prds(agent_s: float) -> list[Row]:
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


def _one_prd(agent_s: float, *, width: int) -> list[Row]:
    with Scratch() as scratch:
        scratch.fill(agent_s=agent_s, prds=1, stories=STORIES)
        wall_s, _ = scratch.run("--max-workers", str(width))
    ideal_s = math.ceil(STORIES / width) * agent_s
    name = f"{STORIES} stories of {agent_s:g} s, {width} at once"
    return [row(f"{name}: wall time / ideal ({ideal_s:g} s)", [wall_s / ideal_s], "x", goal=1.05)]


def _conflicts(agent_s: float) -> list[Row]:
    """A PRD of 12 stories of which 4 cannot be merged with each other."""
    stories, width = 12, 6
    with Scratch() as scratch:
        settings = f"max_workers = {width}\n[restart]\nmax_attempts = 10\n"
        scratch.fill(agent_s=agent_s, prds=1, stories=stories, also=_SHARED, settings=settings)
        wall_s, _ = scratch.run()
        attempts = sum(kind == "AgentOver" for kind, _, _ in scratch.journal("PRD-1"))
    one_by_one_s = stories * agent_s
    name = f"{stories} stories of {agent_s:g} s of which {stories // CONFLICTING} conflict"
    return [
        row(f"{name}: wall time / one by one", [wall_s / one_by_one_s], "x", goal=0.5),
        row(f"{name}: agents run", [attempts], "agents"),
    ]
