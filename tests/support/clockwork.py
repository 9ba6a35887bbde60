"""An event loop whose clock is moved by the test: what is due comes, however slow the machine."""

from __future__ import annotations

from prd_supervise.workers.process.eventloop import EventLoop


class Clockwork(EventLoop):
    """The loop itself, timers and all; only the time is not the world's."""

    def __init__(self) -> None:
        super().__init__()
        self._at_s = 1000.0

    def now_s(self) -> float:
        """The time to which it was moved."""
        return self._at_s

    def pass_by(self, lasting_s: float) -> None:
        """Let so much time pass, and serve each timer at its moment."""
        until_s = self._at_s + lasting_s
        while (due_s := self._due_s()) is not None and due_s <= until_s:
            self._at_s = max(self._at_s, due_s)
            self.run_once()
        self._at_s = until_s

    def _due_s(self) -> float | None:
        self._wait_s()  # drops those that were cancelled
        return self._timers[0][0] if self._timers else None
