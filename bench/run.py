"""Runs the measures and prints one table: `make bench`, or `.venv/bin/python bench/run.py`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if __name__ == "__main__":
    # The repository's root in the place of this folder: `bench` is what the measures import.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.scratch import cpu_of_children_s
from bench.table import number, render

if TYPE_CHECKING:
    from bench.table import Row

MEASURES = (
    "story_time",
    "throughput",
    "worktrees",
    "redaction",
    "idle",
    "idle_watch",
    "commands",
    "spawning",
    "journal",
    "ceilings",
    "restart",
    "core_cost",
    "readers",
    "graph",
    "trial_merge",
    "dashboard",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run of a measure, and how much else the machine had to do meanwhile."""

    rows: tuple[Row, ...]
    load: float  # the load average of one minute when it began; rounds before it count as well
    others: float  # percent of all cores used by processes that are not of this run


def main() -> None:
    """Run what was asked for; of all rounds of a measure the calmest is kept."""
    asked = _arguments()
    results = {}
    print(json.dumps(_machine()))
    for name in asked.only:
        module = import_module(f"bench.{name}")
        print(f"{name}: {module.__doc__}", flush=True)
        rounds = [_round(module.measure, quick=asked.quick) for _ in range(asked.rounds)]
        calmest = min(rounds, key=lambda each: each.others)
        results[name] = (calmest, rounds)
        print(render(_lines(calmest, rounds)) + "\n", flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(_document(results), indent=2) + "\n")
    missed = [each for kept, _ in results.values() for each in kept.rows if each.is_met is False]
    print(f"{len(missed)} goal(s) missed" + "".join(f"\n  {each.what}" for each in missed))


def _lines(kept: Round, rounds: list[Round]) -> list[tuple[str, ...]]:
    """The rows of the round that is kept; the medians of all rounds, and its conditions, beside."""
    lines = []
    for at, each in enumerate(kept.rows):
        medians = " / ".join(number(every.rows[at].median) for every in rounds)
        lines.append((*each.cells(), medians, f"{kept.load:.2f}", f"{kept.others:.0f} %"))
    return lines


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    parser.add_argument("--only", type=_names, default=MEASURES, help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    parser.add_argument("--rounds", type=int, default=2, help="of which the calmest counts (2)")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(MEASURES)}")
    return names


def _round(measure: Callable[..., list[Row]], *, quick: bool) -> Round:
    load, began_s = os.getloadavg()[0], time.monotonic()
    busy_s, own_s = _busy_s(), _own_s()
    rows = tuple(measure(quick=quick))
    foreign_s = (_busy_s() - busy_s) - (_own_s() - own_s)
    capacity_s = (time.monotonic() - began_s) * (os.cpu_count() or 1)
    return Round(rows=rows, load=load, others=max(0.0, 100 * foreign_s / capacity_s))


def _busy_s() -> float:
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0)


def _own_s() -> float:
    return time.process_time() + cpu_of_children_s()


def _machine() -> dict[str, object]:
    git = subprocess.run(("git", "--version"), stdout=subprocess.PIPE, text=True, check=True)
    return {
        "cores": os.cpu_count(),
        "ram_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "git": git.stdout.split()[-1],
    }


def _document(results: dict[str, tuple[Round, list[Round]]]) -> dict[str, object]:
    return {
        "machine": _machine(),
        "measures": {
            name: {
                "kept": rounds.index(kept),
                "rounds": [
                    {
                        "load": each.load,
                        "others_percent": each.others,
                        "rows": [line.document() for line in each.rows],
                    }
                    for each in rounds
                ],
            }
            for name, (kept, rounds) in results.items()
        },
    }


if __name__ == "__main__":
    main()
