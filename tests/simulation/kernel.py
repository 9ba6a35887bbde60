"""A simulated kernel: processes, pipes, signals, time. Everything is decided by one seed.

Each process is a greenlet that runs the real code until it waits, or until it is killed: at a
system call, or while it waits. Process numbers are few, so that they are soon used again.
"""

from __future__ import annotations

import heapq
import itertools
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import greenlet

from prd_supervise.supervisor.shell.host import StorageFailedError

PIDS = range(2, 60)
INIT = 1
TORN = 0.05  # the share of writes that go in part
FULL_S = 0.3
SIGCHLD_LATE_S = 0.05
RUN_LATE_S = 0.01
STARVED = 0.02  # the share of waits after which the processor comes late
STARVED_S = 0.3
BUFFER_BYTES = 1 << 15


class KilledError(BaseException):
    """The process is dead: none of its code runs any more."""


class ExitedError(BaseException):
    """The process has called _exit."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True, eq=False)
class Open:
    """Something that descriptors refer to; it is closed with the last of them."""

    holders: int = 0
    on_close: Callable[[], None] | None = None


@dataclass(slots=True, eq=False)
class End(Open):
    """One end of a pair of pipes."""

    peer: End | None = None
    incoming: bytearray = field(default_factory=bytearray)
    is_hung_up: bool = False  # nothing more will come
    is_gone: bool = False  # nobody holds this end any more
    is_full_until_s: float = 0.0
    lock: Open | None = None  # handed over by this way


@dataclass(slots=True, eq=False)
class ExitFd(Open):
    """A pidfd."""

    process: Proc | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Proc:
    """A process, from its start to when it is reaped."""

    pid: int
    parent: int
    start_ticks: int
    role: str
    session: int = 0
    about: tuple[str, ...] = ()  # what it works on, for the invariants
    body: greenlet.greenlet | None = None
    fds: dict[int, Open] = field(default_factory=dict)
    handlers: dict[int, Any] = field(default_factory=dict)
    wakeup_fd: int = -1
    blocked: set[int] = field(default_factory=set)
    pending: set[int] = field(default_factory=set)
    death_signal: int = 0
    is_subreaper: bool = False
    is_stopped: bool = False
    sleeps_until_s: float = 0.0  # in the kernel: no signal reaches it before
    dies_in_calls: int = -1
    status: int | None = None  # as waitpid tells it
    is_gone: bool = False  # reaped
    ready: Callable[[], bool] = lambda: False
    until_s: float = float("inf")
    is_queued: bool = False
    orphan_since_s: float | None = None
    ignores_term: bool = False
    notes: set[int] = field(default_factory=set)  # that waitid tells: stopped, continued

    @property
    def is_alive(self) -> bool:
        """Say whether it is there and no zombie."""
        return self.status is None


class Kernel:
    """The processes and the clock."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now_s = 1000.0
        self.wall_s = 1.7e9  # wall clock minus monotonic clock
        self.procs: dict[int, Proc] = {}
        self.current: Proc | None = None
        self.errors: list[str] = []
        self.pidfds_fail = False
        self.spawns_fail = 0
        self.struck_at_s: list[float] = []  # when somebody was killed from outside
        self.calm_since_s = 0.0  # nobody was held up since
        self._hub = greenlet.getcurrent()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._ticks = itertools.count(1)
        self._pids = itertools.cycle(PIDS)
        self.on_exit: Callable[[Proc], None] = lambda _: None

    # --- time -----------------------------------------------------------------------------------

    def at(self, at_s: float, callback: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._events, (max(at_s, self.now_s), next(self._order), callback))

    def soon(self, late_s: float) -> float:
        """A moment from now on, not later than this."""
        return self.now_s + self.chance.random() * late_s

    def step(self) -> bool:
        """Let the next thing happen; False if nothing will ever."""
        if not self._events:
            return False
        at_s, _, callback = heapq.heappop(self._events)
        self.now_s = max(self.now_s, at_s)
        callback()
        return True

    def pause(self, for_s: float) -> None:
        """Stand still as a whole: whatever was due meanwhile is late."""
        self.now_s += for_s
        self.calm_since_s = self.now_s

    # --- processes ------------------------------------------------------------------------------

    def start(
        self,
        role: str,
        parent: int,
        main: Callable[[], None] | None,
        about: tuple[str, ...] = (),
        fds: dict[int, Open] | None = None,
    ) -> Proc:
        """Start a process; without `main` it does nothing by itself."""
        pid = next(pid for pid in self._pids if pid not in self.procs)
        ticks = next(self._ticks)
        born = Proc(pid=pid, parent=parent, start_ticks=ticks, role=role, about=about)
        mother = self.procs.get(parent)
        born.session = mother.session if mother is not None else pid
        self.procs[pid] = born
        for number, held in (fds or {}).items():
            born.fds[number] = held
            held.holders += 1
        if main is not None:
            born.body = greenlet.greenlet(self._life_of(born, main), self._hub)
            born.ready = lambda: True
            self.poke(born, late_s=0.05)
        return born

    def _life_of(self, proc: Proc, main: Callable[[], None]) -> Callable[[], None]:
        def live() -> None:
            try:
                main()
                self.exit(proc, 0)
            except KilledError:
                pass
            except ExitedError as exited:
                self.exit(proc, exited.code << 8)
            except (OSError, StorageFailedError) as error:  # storage that fails ends a process
                if proc.is_alive:
                    self.errors.append(f"{proc.role}: {error!r}")
                    self.exit(proc, 1 << 8)

        return live

    def poke(self, proc: Proc, late_s: float = RUN_LATE_S) -> None:
        """Look soon whether the process can go on."""
        if not proc.is_queued and proc.is_alive and proc.body is not None:
            proc.is_queued = True
            if self.chance.random() < STARVED:
                late_s = STARVED_S
            self.at(self.soon(late_s), lambda: self._look(proc))

    def _look(self, proc: Proc) -> None:
        proc.is_queued = False
        if not proc.is_alive or proc.is_stopped or self.now_s < proc.sleeps_until_s:
            return
        if proc.ready() or self.now_s >= proc.until_s:
            self._switch_to(proc)

    def _switch_to(self, proc: Proc) -> None:
        assert proc.body is not None
        self.current = proc
        try:
            proc.body.switch()
        finally:
            self.current = None

    def wait(self, ready: Callable[[], bool], timeout_s: float | None) -> None:
        """Wait, as the process that runs now, until it is ready or the time is over."""
        proc = self.running()
        if ready() and timeout_s != 0:
            timeout_s = 0
        proc.ready = ready
        proc.until_s = float("inf") if timeout_s is None else self.now_s + max(timeout_s, 0.0)
        if timeout_s is not None:
            late_s = self.soon(RUN_LATE_S) - self.now_s
            self.at(proc.until_s + late_s, lambda: self._look(proc))
        self._hub.switch()
        self.current = proc
        if not proc.is_alive:
            raise KilledError
        proc.until_s = float("inf")

    def running(self) -> Proc:
        """The process that runs now."""
        assert self.current is not None, "no process runs"
        if not self.current.is_alive:
            raise KilledError
        return self.current

    def call(self) -> Proc:
        """Count a system call; it may be the last one."""
        proc = self.running()
        if proc.dies_in_calls >= 0:
            proc.dies_in_calls -= 1
            if proc.dies_in_calls < 0:
                self.struck_at_s.append(self.now_s)
                self.exit(proc, signal.SIGKILL)
                raise KilledError
        return proc

    # --- signals and deaths ---------------------------------------------------------------------

    def kill(self, proc: Proc, number: int) -> None:
        """Send a signal."""
        if not proc.is_alive:
            return
        if number == signal.SIGSTOP:
            proc.is_stopped = True
            proc.notes = {signal.SIGSTOP}
        elif number == signal.SIGCONT:
            proc.notes = {signal.SIGCONT} if proc.is_stopped else proc.notes
            proc.is_stopped = False
            self.calm_since_s = self.now_s
            self._wake(proc)
        elif number == signal.SIGKILL:
            self._end_when_awake(proc, signal.SIGKILL)
        elif number in proc.blocked:
            proc.pending.add(number)
        else:
            self._deliver(proc, number)

    def _end_when_awake(self, proc: Proc, status: int) -> None:
        if self.now_s < proc.sleeps_until_s:
            self.at(proc.sleeps_until_s, lambda: self.exit(proc, status))
        else:
            self.exit(proc, status)

    def _deliver(self, proc: Proc, number: int) -> None:
        handler = proc.handlers.get(number, signal.SIG_DFL)
        if handler is signal.SIG_IGN or (number == signal.SIGTERM and proc.ignores_term):
            return
        if handler is signal.SIG_DFL:
            if number not in {signal.SIGCHLD, signal.SIGCONT}:
                self._end_when_awake(proc, number)
            return
        held = proc.fds.get(proc.wakeup_fd)
        if isinstance(held, End) and held.peer is not None and number not in held.peer.incoming:
            held.peer.incoming.append(number)  # the same one twice is one, as with a full pipe
        self.poke(proc)

    def _wake(self, proc: Proc) -> None:
        for number in sorted(proc.pending - proc.blocked):
            proc.pending.discard(number)
            self._deliver(proc, number)
        self.poke(proc)

    def unblocked(self, proc: Proc) -> None:
        """Deliver what was blocked."""
        for number in sorted(proc.pending - proc.blocked):
            proc.pending.discard(number)
            self._deliver(proc, number)

    def exit(self, proc: Proc, status: int) -> None:
        """End a process: its children are adopted, and its parent hears of it."""
        if not proc.is_alive:
            return
        proc.status = int(status)
        for number in tuple(proc.fds):
            self.close(proc, number)
        for child in tuple(self.procs.values()):
            if child.parent == proc.pid and child is not proc:
                self._adopt(child, proc)
        self.on_exit(proc)
        if proc.parent == INIT or proc.parent not in self.procs:
            self.reap(proc)
            return
        mother = self.procs[proc.parent]
        self.at(self.soon(SIGCHLD_LATE_S), lambda: self.kill(mother, signal.SIGCHLD))
        for other in self.procs.values():
            if any(isinstance(f, ExitFd) and f.process is proc for f in other.fds.values()):
                self.poke(other)

    def _adopt(self, child: Proc, dead: Proc) -> None:
        child.parent = INIT
        for ancestor in self.ancestors(dead):
            if ancestor.is_subreaper and ancestor.is_alive:
                child.parent = ancestor.pid
                break
        if not child.is_alive:
            if child.parent == INIT:
                self.reap(child)
            else:
                mother = self.procs[child.parent]
                self.at(self.soon(SIGCHLD_LATE_S), lambda: self.kill(mother, signal.SIGCHLD))
            return
        child.orphan_since_s = self.now_s
        if child.death_signal:
            self.kill(child, child.death_signal)

    def ancestors(self, proc: Proc) -> Iterator[Proc]:
        """The living line upwards."""
        seen = {proc.pid}
        while proc.parent in self.procs and proc.parent not in seen:
            proc = self.procs[proc.parent]
            seen.add(proc.pid)
            yield proc

    def reap(self, proc: Proc) -> None:
        """Give the number back."""
        proc.is_gone = True
        if self.procs.get(proc.pid) is proc:
            del self.procs[proc.pid]

    def cut_power(self) -> None:
        """End everybody at once; nobody hears of it."""
        for proc in tuple(self.procs.values()):
            proc.status, proc.is_gone = int(signal.SIGKILL), True
            for held in proc.fds.values():
                held.holders = 0
        self.procs.clear()
        self._events.clear()

    # --- descriptors ----------------------------------------------------------------------------

    def open(self, proc: Proc, what: Open) -> int:
        """Give a process a descriptor of it."""
        number = next(n for n in itertools.count(10) if n not in proc.fds)
        proc.fds[number] = what
        what.holders += 1
        return number

    def close(self, proc: Proc, number: int) -> None:
        """Close a descriptor."""
        what = proc.fds.pop(number)
        self.let_go(what)

    def let_go(self, what: Open) -> None:
        """Count one holder less."""
        what.holders -= 1
        if what.holders > 0:
            return
        if what.on_close is not None:
            what.on_close()
        if isinstance(what, End):
            what.is_gone = True
            if what.lock is not None:
                self.let_go(what.lock)
                what.lock = None
            if what.peer is not None:
                what.peer.is_hung_up = True
                self._poke_holders(what.peer)

    def _poke_holders(self, what: Open) -> None:
        for proc in tuple(self.procs.values()):
            if what in proc.fds.values():
                self.poke(proc)

    def pair(self) -> tuple[End, End]:
        """Two ends that are connected."""
        left, right = End(), End()
        left.peer, right.peer = right, left
        return left, right

    def send(self, end: End, data: bytes) -> int:
        """Write what goes: as a full buffer does, chance takes a part, or nothing, for now."""
        peer = end.peer
        assert peer is not None
        if peer.is_gone:
            raise BrokenPipeError
        room = BUFFER_BYTES - len(peer.incoming)
        if room <= 0 or (self.now_s < end.is_full_until_s):
            raise BlockingIOError
        taken = data[:room]
        if self.chance.random() < TORN:
            taken = taken[: self.chance.randint(1, len(taken))]
            end.is_full_until_s = self.soon(FULL_S)
            self.at(end.is_full_until_s, lambda: self._poke_holders(end))
        peer.incoming += taken
        self._poke_holders(peer)
        return len(taken)

    def receive(self, end: End, size: int) -> bytes:
        """Read what has arrived."""
        if not end.incoming:
            if end.is_hung_up:
                return b""
            raise BlockingIOError
        data = bytes(end.incoming[:size])
        del end.incoming[: len(data)]
        if end.peer is not None:
            self._poke_holders(end.peer)
        return data

    def is_readable(self, what: Open) -> bool:
        """Say whether reading would not block."""
        if isinstance(what, End):
            return bool(what.incoming) or what.is_hung_up
        return isinstance(what, ExitFd) and what.process is not None and not what.process.is_alive

    def is_writable(self, what: Open) -> bool:
        """Say whether writing would not block."""
        if not isinstance(what, End) or what.peer is None:
            return True
        has_room = len(what.peer.incoming) < BUFFER_BYTES and self.now_s >= what.is_full_until_s
        return what.peer.is_gone or has_room

    def later(self) -> list[tuple[float, int, Callable[[], None]]]:
        """What is due later."""
        return list(self._events)
