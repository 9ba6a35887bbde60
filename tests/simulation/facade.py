"""The system's other modules as the product sees them in a simulation: signal, time, selectors.

What is not simulated fails loudly, so that no call reaches the machine by mistake.
"""

from __future__ import annotations

import selectors
import signal
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, Self

from prd_supervise.workers.process.process_table import Process
from tests.simulation.kernel import Kernel
from tests.simulation.things import ExitFd, Proc


class SimSignal:
    """`signal`, for the process that runs now."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  constants
        found = getattr(signal, name)
        assert isinstance(found, int | type), f"signal.{name} is not simulated"
        return found

    def signal(self, number: int, handler: Any) -> None:  # noqa: ANN401  a handler
        """Set a handler."""
        self._kernel.running().handlers[number] = handler

    def siginterrupt(self, *_: object) -> None:
        """No call is interrupted here."""

    def set_wakeup_fd(self, number: int, **_: object) -> int:
        """Say where signals are noted."""
        self._kernel.running().wakeup_fd = number
        return -1

    def pthread_sigmask(self, how: int, numbers: Iterable[int]) -> set[int]:
        """Block signals, or no longer."""
        proc = self._kernel.running()
        before = set(proc.blocked)
        proc.blocked = before | set(numbers) if how == signal.SIG_BLOCK else set(numbers)
        self._kernel.unblocked(proc)
        self._kernel.running()
        return before

    def pidfd_send_signal(self, number: int, what: int) -> None:
        """Send a signal to exactly this process."""
        held = self._kernel.call().fds[number]
        assert isinstance(held, ExitFd)
        assert held.process is not None
        if held.process.is_gone:
            raise ProcessLookupError(3, "no such process")
        self._kernel.kill(held.process, what)
        self._kernel.running()


class SimTime:
    """`time`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def monotonic(self) -> float:
        """The clock of every deadline."""
        return self._kernel.up_s

    def time(self) -> float:
        """The clock on the wall, which jumps."""
        return self._kernel.wall_s + self._kernel.now_s

    def localtime(self, _at_s: float) -> SimpleNamespace:
        """Local clocks show UTC here."""
        return SimpleNamespace(tm_gmtoff=0)

    def sleep(self, for_s: float) -> None:
        """Sleep."""
        self._kernel.call()
        self._kernel.wait(lambda: False, for_s)


class Selector:
    """A DefaultSelector."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fd: int, events: int, data: object = None) -> None:
        """Watch a descriptor."""
        assert fd in self._kernel.running().fds, f"{fd} is not open"
        self._keys[fd] = selectors.SelectorKey(fd, fd, events, data)

    modify = register

    def unregister(self, fd: int) -> None:
        """Watch it no longer."""
        del self._keys[fd]

    def get_map(self) -> dict[int, selectors.SelectorKey]:
        """What is watched."""
        return self._keys

    def close(self) -> None:
        """Give nothing back."""

    def select(self, timeout_s: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for any of them; who is served first is chance."""
        self._kernel.call()
        proc = self._kernel.running()
        self._kernel.wait(lambda: bool(self._ready(proc)), timeout_s)
        found = self._ready(proc)
        self._kernel.chance.shuffle(found)
        return found

    def _ready(self, proc: Proc) -> list[tuple[selectors.SelectorKey, int]]:
        found = []
        for fd, key in self._keys.items():
            what, events = proc.fds[fd], 0
            if key.events & selectors.EVENT_READ and self._kernel.is_readable(what):
                events |= selectors.EVENT_READ
            if key.events & selectors.EVENT_WRITE and self._kernel.is_writable(what):
                events |= selectors.EVENT_WRITE
            if events:
                found.append((key, events))
        return found


class SimConnection:
    """A multiprocessing connection: a descriptor, and whose it is."""

    def __init__(self, kernel: Kernel, number: int) -> None:
        self._kernel = kernel
        self.number = number

    def fileno(self) -> int:
        """The descriptor."""
        return self.number

    def close(self) -> None:
        """Close it."""
        self._kernel.close(self._kernel.running(), self.number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        proc = self._kernel.running()
        if self.number in proc.fds:
            self._kernel.close(proc, self.number)


def process_table(kernel: Kernel) -> dict[str, Callable[..., Any]]:
    """What workers/descendants reads of the processes."""

    def shown(proc: Proc) -> Process:
        return Process(
            pid=proc.pid,
            parent=proc.parent,
            session=proc.session,
            start_ticks=proc.start_ticks,
            is_zombie=not proc.is_alive,
        )

    def one(pid: int) -> Process | None:
        proc = kernel.procs.get(pid)
        return None if proc is None else shown(proc)

    def ticks(pid: int) -> int | None:
        proc = kernel.procs.get(pid)
        return None if proc is None else proc.start_ticks

    return {
        "read_table": lambda: {pid: shown(proc) for pid, proc in kernel.procs.items()},
        "read_process": one,
        "read_children": lambda pid: [p.pid for p in kernel.procs.values() if p.parent == pid],
        "read_start_ticks": ticks,
        "read_environment": lambda _pid: [],
    }


def selectors_module(kernel: Kernel) -> SimpleNamespace:
    """`selectors`."""
    return SimpleNamespace(
        DefaultSelector=lambda: Selector(kernel),
        EVENT_READ=selectors.EVENT_READ,
        EVENT_WRITE=selectors.EVENT_WRITE,
    )


def select_module(kernel: Kernel) -> SimpleNamespace:
    """`select`: waiting until something can be written."""

    def select(_r: list[int], writing: list[int], _x: list[int], timeout_s: float) -> None:
        proc = kernel.call()
        kernel.wait(lambda: any(kernel.is_writable(proc.fds[fd]) for fd in writing), timeout_s)

    return SimpleNamespace(select=select)
