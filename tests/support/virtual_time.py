"""Virtual time: what happens when."""

from __future__ import annotations

import heapq
from collections.abc import Callable

ANSWER_WITHIN_S = 600.0


class World:
    """The time, and what happens when."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        """Let something happen at a moment."""
        self._count += 1
        heapq.heappush(self._due, (max(at_s, self.now_s), self._count, act))

    def wait(self, seconds: float = 0.0) -> None:
        """Let so much time pass, and all happen that is due by then."""
        until_s = self.now_s + seconds
        while self._due and self._due[0][0] <= until_s:
            self._next()
        self.now_s = until_s

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Let time pass until this holds."""
        deadline_s = self.now_s + ANSWER_WITHIN_S
        while not holds():
            assert self._due, "nothing will happen any more"
            assert self._due[0][0] <= deadline_s, "that never came"
            self._next()

    def _next(self) -> None:
        at_s, _, act = heapq.heappop(self._due)
        self.now_s = max(self.now_s, at_s)
        act()
