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

import greenlet

from prd_supervise.supervisor.shell.host import StorageFailedError
from tests.simulation.descriptors import Descriptors
from tests.simulation.things import INIT, End, ExitedError, ExitFd, KilledError, Open, Proc

PIDS = range(2, 60)
SIGCHLD_LATE_S = 0.05
RUN_LATE_S = 0.01
STARVED = 0.02  # the share of waits after which the processor comes late
STARVED_S = 0.3


class Kernel(Descriptors):
    """The processes and the clock."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now_s = 1000.0
        self.wall_s = 1.7e9  # wall clock minus `now_s`, which goes on over reboots
        self.booted_s = 0.0  # when the monotonic clock began
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

    @property
    def up_s(self) -> float:
        """The monotonic clock."""
        return self.now_s - self.booted_s

    def at(self, at_s: float, callback: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._events, (max(at_s, self.now_s), next(self._order), callback))

    def step(self) -> bool:
        """Let the next thing happen; False if nothing will ever."""
        if not self._events:
            return False
        at_s, _, callback = heapq.heappop(self._events)
        self.now_s = max(self.now_s, at_s)
        callback()
        return True

    def later(self) -> list[tuple[float, int, Callable[[], None]]]:
        """What is due later."""
        return list(self._events)

    def pause(self, for_s: float) -> None:
        """Stand still as a whole: whatever was due meanwhile is late."""
        self.now_s += for_s
        self.calm_since_s = max(self.calm_since_s, self.now_s)

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
            self.calm_since_s = max(self.calm_since_s, self.now_s)
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
        """End everybody at once; nobody hears of it. Clock, pids and starts begin anew."""
        for proc in tuple(self.procs.values()):
            proc.status, proc.is_gone = int(signal.SIGKILL), True
            for held in proc.fds.values():
                held.holders = 0
        self.procs.clear()
        self._events.clear()
        self.booted_s = self.now_s
        self._ticks = itertools.count(1)
        self._pids = itertools.cycle(PIDS)
