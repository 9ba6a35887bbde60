"""The wall clock for root's core: by it limits are lifted, whether the machine slept or not.

A timer of the loop alone would be late by all that the machine slept, and wrong after the clock was
set. So while something is due, the clock is looked at once a minute; else never.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ....workers.process.eventloop import EventLoop, Timer
from ...core.root.words import ClockSeen

LOOK_S = 60.0
LATE_S = 0.01  # timers may be early by less than this


class WallClock:
    """Tells root's core what the clock shows, when that is of use to it."""

    def __init__(self, loop: EventLoop, post: Callable[[ClockSeen], None]) -> None:
        self._loop = loop
        self._post = post
        self._timer: Timer | None = None

    def see(self) -> None:
        """Say what the clock shows now."""
        self._post(clock_seen())

    def watch(self, until_s: float) -> None:
        """Say it when the clock shows this, and each minute before; an earlier wish is void."""
        if self._timer is not None:
            self._timer.cancel()
        wait_s = min(LOOK_S, max(0.0, until_s - time.time()) + LATE_S)
        self._timer = self._loop.call_at(self._loop.now_s() + wait_s, self.see)


def clock_seen() -> ClockSeen:
    """What the clock shows, and how far local clocks are ahead of UTC."""
    now = time.time()
    return ClockSeen(at_s=now, zone_s=float(time.localtime(now).tm_gmtoff))
