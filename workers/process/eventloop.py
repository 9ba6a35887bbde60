"""The one loop of a process: file descriptors, timers and signals, all in the main thread."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterable

Callback = Callable[[], None]
WAIT_S_MAX = 3600.0


class Timer:
    """A moment at which something is due; cancelling it costs nothing."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback) -> None:
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Let it pass without effect."""
        self.callback = None


class EventLoop:
    """Waits for whatever comes first and calls what was asked for it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._on_signal: dict[int, Callback] = {}
        self.on_late: Callable[[float], None] | None = None  # told how late what was due is served
        self._wakeup = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
        self._selector.register(self._wakeup[0], selectors.EVENT_READ, (self._on_wakeup, None))

    def now_s(self) -> float:
        """Monotonic seconds: the clock of every deadline."""
        return time.monotonic()

    def watch(self, fd: int, on_readable: Callback, on_writable: Callback | None = None) -> None:
        """Call back when `fd` can be read, and, if asked for, when it can be written."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if on_writable else 0)
        data = (on_readable, on_writable)
        if fd in self._selector.get_map():
            self._selector.modify(fd, events, data)
        else:
            self._selector.register(fd, events, data)

    def unwatch(self, fd: int) -> None:
        """Forget `fd`; that it was not watched is no error."""
        with contextlib.suppress(KeyError):
            self._selector.unregister(fd)

    def call_at(self, at_s: float, callback: Callback) -> Timer:
        """Call back at a monotonic moment, at once if it is past."""
        timer = Timer(callback)
        heapq.heappush(self._timers, (at_s, next(self._order), timer))
        return timer

    def on_signals(self, callbacks: dict[int, Callback]) -> None:
        """Serve these signals in the loop; the handler itself only leaves a byte in a pipe."""
        self._on_signal |= callbacks
        signal.set_wakeup_fd(self._wakeup[1], warn_on_full_buffer=False)
        for number in callbacks:
            signal.signal(number, _noted)
            signal.siginterrupt(number, False)  # noqa: FBT003  the standard library's signature

    def run_once(self) -> None:
        """Wait for the next thing and serve everything that is due."""
        self._serve_descriptors(self._wait_s())
        now_s = self.now_s()
        if self._timers and self._timers[0][0] <= now_s:
            # Somebody may have stopped us: then the wait ends without a look at what has come
            # meanwhile, which must not be overtaken by the timer that says it is overdue.
            self._serve_descriptors(0.0)
            self._serve_timers(now_s)

    def _serve_descriptors(self, wait_s: float) -> None:
        for key, events in self._selector.select(wait_s):
            on_readable, on_writable = key.data
            # A callback may have closed what the next one is about.
            if events & selectors.EVENT_READ and self._is_wanted(key.fd, 0, on_readable):
                on_readable()
            if events & selectors.EVENT_WRITE and self._is_wanted(key.fd, 1, on_writable):
                on_writable()

    def _is_wanted(self, fd: int, direction: int, callback: Callback) -> bool:
        now = self._selector.get_map().get(fd)
        return now is not None and now.data[direction] == callback

    def _wait_s(self) -> float:
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return WAIT_S_MAX
        return min(WAIT_S_MAX, max(0.0, self._timers[0][0] - self.now_s()))

    def _serve_timers(self, now_s: float) -> None:
        if self.on_late is not None and self._timers[0][2].callback is not None:
            self.on_late(now_s - self._timers[0][0])
        due: list[Timer] = []
        while self._timers and self._timers[0][0] <= now_s:
            due.append(heapq.heappop(self._timers)[2])
        for timer in due:  # what they set anew waits for the next turn
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()

    def _on_wakeup(self) -> None:
        numbers: set[int] = set()
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._wakeup[0], 512):
                numbers |= set(data)
        for number in _by_urgency(numbers):
            callback = self._on_signal.get(number)
            if callback is not None:
                callback()

    def close(self) -> None:
        """Give everything back."""
        signal.set_wakeup_fd(-1)
        self._selector.close()
        for fd in self._wakeup:
            os.close(fd)


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: the byte in the wakeup pipe is the whole effect."""


def _by_urgency(numbers: Iterable[int]) -> list[int]:
    """Deaths of children first, so that a stop sees the children that really live."""
    return sorted(numbers, key=lambda number: number != signal.SIGCHLD)


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    for fd in ends:
        os.set_blocking(fd, False)
    return ends
