"""How a loop hears that a process has ended: by a pidfd, by a kqueue, or by looking.

Whoever is called looks for itself (waitpid), and is called again and again until the watch is
closed: a kqueue tells of an end some moments before the process can be reaped.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from typing import Any, Protocol

from . import capabilities
from .descendants import pidfd_of
from .eventloop import EventLoop

LOOK_AGAIN_S = 0.002  # after a kqueue has told of an end that is not to be seen yet

Callback = Callable[[], None]


class ExitWatch(Protocol):
    """A watch on a process that nobody but us reaps."""

    is_told: bool  # by the system; else somebody has to look at each SIGCHLD, or now and then

    def send(self, number: signal.Signals) -> None:
        """Signal the process; ProcessLookupError if it is gone."""

    def close(self) -> None:
        """Call no more, and give everything back."""


def watch_exit(
    loop: EventLoop, pid: int, on_end: Callback, *, look_every_s: float = 0.0
) -> ExitWatch:
    """Call `on_end` when the process has ended, and until the watch is closed.

    Where the system does not tell, it is called every `look_every_s` (0: never), ended or not.
    OSError if the system refuses to watch; nothing is left open then.
    """
    descriptor = pidfd_of(pid)
    if descriptor is not None:
        return _ByPidfd(loop, descriptor, on_end)
    queue = _new_queue()
    if queue is not None:
        return _ByQueue(loop, pid, queue, on_end)
    return _ByLooking(loop, pid, on_end, look_every_s)


class _ByPidfd:
    is_told = True

    def __init__(self, loop: EventLoop, descriptor: int, on_end: Callback) -> None:
        self._loop = loop
        self._descriptor = descriptor
        try:
            loop.watch(descriptor, on_end)
        except OSError:
            os.close(descriptor)
            raise

    def send(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._descriptor, number)

    def close(self) -> None:
        if self._descriptor >= 0:
            self._loop.unwatch(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


class _ByLooking:
    is_told = False

    def __init__(
        self, loop: EventLoop, pid: int, on_end: Callback, look_every_s: float = 0.0
    ) -> None:
        self._loop = loop
        self._pid = pid
        self._on_end = on_end
        self._every_s = look_every_s
        self._is_open = True
        if look_every_s:
            self._look_later()

    def send(self, number: signal.Signals) -> None:
        os.kill(self._pid, number)  # not reaped yet, so the number is still its own

    def close(self) -> None:
        self._is_open = False

    def _look_later(self) -> None:
        self._loop.call_at(self._loop.now_s() + self._every_s, self._look)

    def _look(self) -> None:
        if self._is_open:
            self._on_end()
        if self._is_open:
            self._look_later()


class _ByQueue(_ByLooking):
    """A kqueue a process: a descriptor as a pidfd is one, which no child inherits."""

    is_told = True

    def __init__(self, loop: EventLoop, pid: int, queue: Any, on_end: Callback) -> None:  # noqa: ANN401  typed on BSD only
        super().__init__(loop, pid, on_end)
        self._every_s = LOOK_AGAIN_S
        self._queue = queue
        try:
            if _asks_for_exit(queue, pid):
                loop.watch(queue.fileno(), self._tell)
            else:  # it has ended already
                loop.call_at(loop.now_s(), self._look)
        except OSError:
            queue.close()
            raise

    def close(self) -> None:
        if self._is_open:
            super().close()
            self._loop.unwatch(self._queue.fileno())
            self._queue.close()

    def _tell(self) -> None:
        self._queue.control(None, 1, 0)
        self._loop.unwatch(self._queue.fileno())
        self._look()


def _new_queue() -> Any | None:  # noqa: ANN401  as above
    if not capabilities.HERE.kqueue:
        return None
    kinds: Any = select
    try:
        return kinds.kqueue()
    except OSError:  # no descriptor left
        return None


def _asks_for_exit(queue: Any, pid: int) -> bool:  # noqa: ANN401  as above
    """Ask to be told of the end; False if it is past: nobody alive bears the number."""
    kinds: Any = select
    event = kinds.kevent(
        pid,
        filter=kinds.KQ_FILTER_PROC,
        flags=kinds.KQ_EV_ADD | kinds.KQ_EV_ONESHOT,
        fflags=kinds.KQ_NOTE_EXIT,
    )
    try:
        queue.control([event], 0, 0)
    except ProcessLookupError:
        return False
    return True
