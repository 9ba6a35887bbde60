"""How long something takes, by the wall."""

from __future__ import annotations

import time
from collections.abc import Callable


def timed(act: Callable[[], object], times: int) -> list[float]:
    """Do it that many times; seconds of each."""
    taken = []
    for _ in range(times):
        began_s = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began_s)
    return taken
