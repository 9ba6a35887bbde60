"""The share of the processor that a worker's commands get: by nice, and by holding them still.

Everything below this process is held still (SIGSTOP) for a part of each short period. That time is
not the commands' own: `held_s` is what their time limits leave out.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from ..process import descendants
from ..process.eventloop import Callback, EventLoop, Timer
from ..process.process_table import Process, read_family

PERIOD_S = 0.2
SHARE_MIN = 0.02  # less would be a stop, which no time limit ever ends
LOOK_AGAIN_S = 1.0  # for new processes, where there is nothing but a nice value
_PASSES_MAX = 3


class Throttle:
    """Limits all that this process runs, also what escaped from its job and what comes anew."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._own_nice = os.getpriority(os.PRIO_PROCESS, 0)
        self._share = 1.0
        self._nice = self._own_nice
        self._held: dict[int, Process] = {}
        self._held_since_s: float | None = None
        self._held_s = 0.0
        self._ending: set[int] = set()  # pids of jobs that have to be awake for their end
        self._timer: Timer | None = None

    def limit(self, share: float, nice: int) -> None:
        """Give this share of the time from now on (1: all of it), at no less than our own nice."""
        self._share = min(1.0, max(SHARE_MIN, share))
        wanted = max(self._own_nice, nice)
        before, self._nice = self._nice, wanted
        if before != wanted:
            _renice(before, wanted)
        self._begin_period()

    def held_s(self) -> float:
        """For how long in all the commands have been held still."""
        since_s = self._held_since_s
        return self._held_s + (0.0 if since_s is None else self._loop.now_s() - since_s)

    def wake(self, pid: int) -> None:
        """Hold nothing still from now on, until the job of this pid is `over`."""
        self._ending.add(pid)
        self._let_go()

    def over(self, pid: int) -> None:
        """The job of this pid is gone: what else runs is limited again."""
        self._ending.discard(pid)

    def _begin_period(self) -> None:
        """Let everything run for its share of the period."""
        self._let_go()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._share < 1.0:
            self._after(self._share * PERIOD_S, self._hold)
        elif self._nice != self._own_nice:
            self._after(LOOK_AGAIN_S, self._look_again)

    def _look_again(self) -> None:
        _renice(self._own_nice, self._nice)
        self._begin_period()

    def _hold(self) -> None:
        if self._nice != self._own_nice:
            _renice(self._own_nice, self._nice)
        if not self._ending:
            self._stop_all()
        self._after((1.0 - self._share) * PERIOD_S, self._begin_period)

    def _stop_all(self) -> None:
        self._held_since_s = self._loop.now_s()
        for _ in range(_PASSES_MAX):  # what was forked just before its parent was stopped
            fresh = [each for each in read_family(os.getpid()) if self._can_be_held(each)]
            for process in fresh:
                self._held[process.pid] = process
                descendants.send(process, signal.SIGSTOP)
            if not fresh:
                return

    def _can_be_held(self, process: Process) -> bool:
        # What is stopped already, was not stopped by us: it is not ours to wake.
        return not (process.is_stopped or process.is_zombie or process.pid in self._held)

    def _let_go(self) -> None:
        held, self._held = self._held, {}
        for process in held.values():
            descendants.send(process, signal.SIGCONT)
        self._held_s, self._held_since_s = self.held_s(), None

    def _after(self, wait_s: float, callback: Callback) -> None:
        self._timer = self._loop.call_at(self._loop.now_s() + wait_s, callback)


def _renice(before: int, wanted: int) -> None:
    """Renice what has the value that we gave before, or a lower one; each thread has its own."""
    for process in read_family(os.getpid()):
        for thread in _threads(process.pid):
            # EACCES: only root may lower it again. A thread that ended is no loss.
            with suppress(ProcessLookupError, PermissionError):
                now = os.getpriority(os.PRIO_PROCESS, thread)
                if now == before or now < wanted:
                    os.setpriority(os.PRIO_PROCESS, thread, wanted)


def _threads(pid: int) -> list[int]:
    """List the threads; where there is no /proc (macOS), the process has one value for all."""
    with suppress(OSError):
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208  see process_table
    return [pid]
