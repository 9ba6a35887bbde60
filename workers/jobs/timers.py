"""The timers of one job: they end with it, and some leave out the time in which it was held."""

from __future__ import annotations

from collections.abc import Callable

from ..process.eventloop import Callback, EventLoop, Timer

_RESOLUTION_S = 0.01


class JobTimers:
    """Timers that are cancelled together. `held_s` says for how long in all the job was held."""

    def __init__(self, loop: EventLoop, held_s: Callable[[], float]) -> None:
        self._loop = loop
        self._held_s = held_s
        self._timers: set[Timer] = set()

    def at(self, at_s: float, callback: Callback) -> None:
        """Call back at a monotonic moment."""

        def due() -> None:
            self._timers.discard(timer)
            callback()

        timer = self._loop.call_at(at_s, due)
        self._timers.add(timer)

    def after(self, wait_s: float, callback: Callback) -> None:
        """Call back after so many seconds, whatever happens meanwhile."""
        self.at(self._loop.now_s() + wait_s, callback)

    def after_work(self, work_s: float, callback: Callback) -> None:
        """Call back after so many seconds in which the job was not held still by us."""
        held_before_s = self._held_s()

        def due() -> None:
            rest_s = self._held_s() - held_before_s
            if rest_s > _RESOLUTION_S:
                self.after_work(rest_s, callback)
            else:
                callback()

        self.after(work_s, due)

    def cancel(self) -> None:
        """Let all of them pass without effect."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
