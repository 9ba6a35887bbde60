"""The watchdog's pings: from a timer of the loop, and only while root does its part."""

from __future__ import annotations

from collections.abc import Callable

from ....policies.supervising.watchdog import given_up_on, ping_every_s, silences_after
from ....workers.process.eventloop import EventLoop
from ..children.heartbeats import Heartbeats


class Watchdog:
    """One timer; what it costs while nothing happens is one wakeup a ping."""

    def __init__(
        self,
        loop: EventLoop,
        heartbeats: Heartbeats,
        watchdog_s: float,
        ping: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        """`tell` hears once why no ping is sent any more."""
        self._loop = loop
        self._heartbeats = heartbeats
        self._every_s = ping_every_s(watchdog_s)
        self._ping = ping
        self._tell = tell
        self._silences: dict[str, float] = {}
        self._looked_s = loop.now_s()
        self._is_withheld = False

    def begin(self) -> None:
        """Ping now, and from now on."""
        self._look()

    def renew(self) -> None:
        """Ping before a step of root's own that may be long: each is to have the whole time.

        Who is not heard by the next look is not pinged for by this, either.
        """
        if not self._is_withheld:
            self._ping()

    def _look(self) -> None:
        self._loop.call_at(self._loop.now_s() + self._every_s, self._look)
        if lost := self._lost():
            if not self._is_withheld:
                self._tell(f"no answer, and not ended: {', '.join(lost)}")
            self._is_withheld = True
            return
        self._is_withheld = False
        self._ping()

    def _lost(self) -> tuple[str, ...]:
        beats, now_s = self._heartbeats, self._loop.now_s()
        since_s, self._looked_s = now_s - self._looked_s, now_s
        silent = beats.silent_without_excuse()
        beats.answered.clear()
        self._silences = silences_after(
            self._silences, silent, since_s=since_s, every_s=self._every_s
        )
        if not self._silences:
            return ()
        return given_up_on(self._silences, beats.patience, stretch=beats.stretch)
