"""`make simulate SEEDS=1000`: many seeds, over all cores; `SEED=123 make simulate`: this one.

A third of them has accounts that are used up, in a fifth people have the word. Besides, of every
fifty a long night is lived through (`NIGHTS=20`: so many; `NIGHT=7`: this one alone).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulation.long_night import live_through
from tests.simulation.simulation import Report, simulate

CHUNK = 20
SEEDS_A_NIGHT = 50
LIMITED = 3  # one seed in so many
ASKED = 5  # likewise, in which people have the word
TELL_EVERY = 1000
FAILURES_MAX = 10


def main() -> int:
    """Run the seeds; 1 if a promise was broken under any of them."""
    if os.environ.get("SEED"):
        seed = int(os.environ["SEED"])
        print(simulate(seed, limited=_is_limited(seed), asks=_asks(seed)))
        return 0
    if os.environ.get("NIGHT"):
        print(live_through(int(os.environ["NIGHT"])).report)
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
    nights = int(os.environ.get("NIGHTS", seeds // SEEDS_A_NIGHT))
    failures += _long_nights(first, nights)
    return 1 if failures else 0


def _long_nights(first: int, nights: int) -> list[str]:
    began_s, failures, agents, virtual_s = time.monotonic(), list[str](), 0, 0.0
    with multiprocessing.get_context("spawn").Pool(maxtasksperchild=10) as pool:
        for found in pool.imap_unordered(_try_night, range(first, first + nights)):
            if isinstance(found, str):
                failures.append(found)
                print(f"FAILED {found}", flush=True)
            else:
                agents, virtual_s = agents + found.agents, virtual_s + found.virtual_s - 1000.0
    print(
        f"{nights} long nights from {first} in {time.monotonic() - began_s:.0f} s: "
        f"{len(failures)} failures; {agents} agents, {virtual_s / 3600:.1f} h of virtual time"
    )
    return failures


def _is_limited(seed: int) -> bool:
    return seed % LIMITED == LIMITED - 1


def _asks(seed: int) -> bool:
    return seed % ASKED == ASKED - 1


def _try_night(seed: int) -> Report | str:
    try:
        return live_through(seed).report
    except AssertionError as error:
        return str(error)


def _try(seed: int) -> Report | str:
    try:
        return simulate(seed, limited=_is_limited(seed), asks=_asks(seed))
    except AssertionError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
