"""`make fuzz SECONDS=600`: files of every kind against the PRD readers, over all cores.

`SEED=123 TARGET=soup make fuzz` repeats one round. `TARGET=soup` alone fuzzes that one.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
from collections import Counter
from itertools import count, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fuzz.targets import TARGETS, fuzz

ROUND = 500
BATCH = 8
FAILURES_MAX = 10


def main() -> int:
    """Fuzz until the time is over; 1 if a reader raised or a mark was more than a mark."""
    target = os.environ.get("TARGET")
    names = tuple(TARGETS) if not target else (target,)
    if os.environ.get("SEED"):
        for name in names:
            fuzz(name, examples=ROUND, seed=int(os.environ["SEED"]))
        return 0
    until_s = time.monotonic() + float(os.environ.get("SECONDS") or "60")
    first = int(os.environ.get("FIRST") or "0")
    rounds = ((name, seed) for seed in count(first) for name in names)
    tried: Counter[str] = Counter()
    failed = 0
    with multiprocessing.get_context("spawn").Pool() as pool:
        while time.monotonic() < until_s and failed < FAILURES_MAX:
            batch = list(islice(rounds, BATCH))
            for name, seed, failure in pool.imap_unordered(_try, batch):
                tried[name] += ROUND
                if failure:
                    failed += 1
                    print(f"FAILED SEED={seed} TARGET={name}\n{failure}", flush=True)
    print(f"files tried: {dict(tried)}; {failed} round(s) failed")
    return 1 if failed else 0


def _try(asked: tuple[str, int]) -> tuple[str, int, str]:
    name, seed = asked
    try:
        fuzz(name, examples=ROUND, seed=seed)
    except Exception:  # noqa: BLE001  whatever a reader raises is what is looked for
        return name, seed, traceback.format_exc()
    return name, seed, ""


if __name__ == "__main__":
    sys.exit(main())
