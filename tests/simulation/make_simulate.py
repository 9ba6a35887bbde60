"""`make simulate SEEDS=1000`: many seeds, over all cores; `SEED=123 make simulate`: this one."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulation.simulation import Report, simulate

CHUNK = 20
TELL_EVERY = 1000
FAILURES_MAX = 10


def main() -> int:
    """Run the seeds; 1 if a promise was broken under any of them."""
    if os.environ.get("SEED"):
        print(simulate(int(os.environ["SEED"])))
        return 0
    seeds, first = int(os.environ.get("SEEDS", "1000")), int(os.environ.get("FIRST", "0"))
    began_s = time.monotonic()
    failures: list[str] = []
    struck, seen = Counter[str](), Counter[str]()
    lives = agents = 0
    virtual_s = 0.0
    with multiprocessing.get_context("spawn").Pool(maxtasksperchild=50) as pool:
        jobs = pool.imap_unordered(_try, range(first, first + seeds), chunksize=CHUNK)
        for number, found in enumerate(jobs, start=1):
            if isinstance(found, str):
                failures.append(found)
                print(f"FAILED {found}", flush=True)
            else:
                lives, agents = lives + found.lives, agents + found.agents
                virtual_s += found.virtual_s - 1000.0
                seen.update(found.seen)
                struck.update(fault.split(" ")[1] for fault in found.faults)
            if number % TELL_EVERY == 0:
                print(f"{number} seeds, {len(failures)} failures", flush=True)
            if len(failures) >= FAILURES_MAX:
                break
    took_s = time.monotonic() - began_s
    print(
        f"{seeds} seeds from {first} in {took_s:.0f} s: {len(failures)} failures; {lives} lives of "
        f"root, {agents} agents, {virtual_s / 3600:.1f} h of virtual time; {sum(struck.values())} "
        f"faults: {dict(struck.most_common())}; came together: {dict(sorted(seen.items()))}"
    )
    return 1 if failures else 0


def _try(seed: int) -> Report | str:
    try:
        return simulate(seed)
    except AssertionError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
