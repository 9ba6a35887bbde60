"""The way into every child process: name, session, signals, and death with the parent."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import ModuleType
from typing import NoReturn

# Without it the title overwrites /proc/PID/environ, and the marker of the sweep with it.
os.environ.setdefault("SPT_NOENV", "1")
# Children start in the user's repository, where a signal.py of the user's must not be ours.
os.environ.setdefault("PYTHONSAFEPATH", "1")

import setproctitle

from ...policies.supervising.liveness import BEAT_S
from ..messages.common import Done, Extend, Heartbeat, Ready
from . import capabilities
from .channel import Channel, ChannelOverflowError, vocabulary
from .descendants import kill_all_descendants, start_ticks
from .eventloop import EventLoop
from .exit_watch import watch_exit
from .lineage import found_lineage
from .oom_order import go_before_parent
from .wire import WireError

HAND_OVER_S = 2.0  # for a parent that is slow to read our last words
TEARDOWN_S = 0.8  # of the one second in which nothing may be left
EX_PROTOCOL = 76  # sysexits.h: the other side does not keep to the protocol
STDERR = 2
# Their default is death, and nobody means that: alarms and words for other programs.
STRAY = (signal.SIGUSR1, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def become(title: str) -> None:
    """Take the process's place in the tree: its title, its line, and its orphaned descendants."""
    name(title)
    if capabilities.HERE.subreaper:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    found_lineage()
    _leave_no_core()


def _leave_no_core() -> None:
    """Let no memory of ours come to a disk: it has the environment, and so every secret.

    Agents likewise, unless they raise the limit again: a core in a worktree looks like work.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def name(title: str) -> None:
    """Show what the process is, to `ps` and to people."""
    setproctitle.setproctitle(f"prd-supervise: {title}")


def follow_parent_in_death(signal_number: int) -> None:
    """Have the kernel send us this signal when the parent dies, where it can do that."""
    if capabilities.HERE.death_signal:
        _prctl(_PR_SET_PDEATHSIG, signal_number)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


class ChildProcess:
    """A child's side of its life: the loop, the pipe to the parent, and the ways to end.

    `words` are the modules of what the parent says besides the common words, and `on_message` gets
    every message. When the parent dies, or sends SIGTERM, all
    descendants are killed and the process ends: what is worth keeping is on disk already.
    """

    def __init__(
        self,
        title: str,
        connection: Connection,
        parent_pid: int,
        crash_log: str,
        *words: ModuleType,
    ) -> None:
        os.setsid()  # a ^C on the terminal is root's alone
        _complain_to(crash_log)
        _dump_stacks_to(STDERR)
        self.pid = os.getpid()
        self._title = title
        become(title)
        self.loop = EventLoop()
        self.channel = Channel(connection, vocabulary(*words))
        self.on_message: Callable[[object], None] = _ignored
        self.on_leaving: Callable[[], None] = _nothing  # quick: others wait for our end
        go_before_parent()
        # Served and dropped, not ignored: what is ignored would be ignored by the agents, too.
        self.loop.on_signals({signal.SIGTERM: self.tear_down})
        self.loop.on_signals(dict.fromkeys((signal.SIGINT, signal.SIGHUP, *STRAY), _nothing))
        self._said_at_s = self.loop.now_s()
        follow_parent_in_death(signal.SIGTERM)
        if not capabilities.HERE.death_signal:  # besides the end of the pipe
            watch_exit(self.loop, parent_pid, self.tear_down)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the parent blocked them around the spawn
        if os.getppid() != parent_pid:  # it died before we asked to be told
            self.tear_down()

    def rename(self, title: str) -> None:
        """Take another title, when it is known what the process serves."""
        self._title = title
        name(title)

    def say_ready(self) -> None:
        """Tell the parent that we serve, and begin to listen."""
        self.loop.watch(self.channel.fd, self._on_readable)
        self.say(Ready(pid=self.pid, start_ticks=start_ticks(self.pid) or 0))

    def say(self, message: object) -> None:
        """Send a message to the parent."""
        try:
            self.channel.send(message)
        except ChannelOverflowError as error:
            self._give_up(f"the parent does not read: {error}")
        self._said_at_s = self.loop.now_s()
        self._watch_writing()

    def start_beating(self) -> None:
        """Show the parent from now on that the loop turns, by a word at least once a BEAT_S."""
        # What waits to be read shows as much as another beat would, and must not grow.
        if not self.channel.wants_to_write and self.loop.now_s() >= self._said_at_s + BEAT_S:
            self.say(Heartbeat())
        self.loop.call_at(self.loop.now_s() + BEAT_S, self.start_beating)

    def extend(self, for_s: float) -> None:
        """Tell the parent, before the loop stands still for up to `for_s`, that this is no hang."""
        self.say(Extend(for_s=for_s))

    def run(self) -> None:
        """Serve until the end of the process."""
        while True:
            self.loop.run_once()

    def _on_readable(self) -> None:
        try:
            messages = self.channel.receive()
        except WireError as error:
            self._give_up(f"the parent said what is no word: {error}")
        for message in messages:
            self.on_message(message)
        if not self.channel.is_open:
            self.tear_down()

    def _watch_writing(self) -> None:
        wants = self.channel.wants_to_write
        self.loop.watch(self.channel.fd, self._on_readable, self._on_writable if wants else None)

    def _on_writable(self) -> None:
        self.channel.flush()
        self._watch_writing()

    def end(self, exit_code: int = 0) -> NoReturn:
        """End by ourselves: say Done if all is well, hand over what is still to be sent."""
        if exit_code == 0:
            self.channel.send(Done())
        self._hand_over()
        leave(exit_code, self.on_leaving)

    def _hand_over(self) -> None:
        deadline_s = self.loop.now_s() + HAND_OVER_S
        while self.channel.wants_to_write and self.loop.now_s() < deadline_s:
            select.select([], [self.channel.fd], [], deadline_s - self.loop.now_s())
            self.channel.flush()

    def _give_up(self, why: str) -> NoReturn:
        """End because nothing can be said or heard any more; the reason is for the crash log."""
        os.write(STDERR, f"{self._title} ({self.pid}) ends: {why}\n".encode())
        leave(EX_PROTOCOL)

    def tear_down(self) -> None:
        """End at once, and take every descendant along."""
        leave(128 + signal.SIGTERM, self.on_leaving)


def leave(exit_code: int, last: Callable[[], None] | None = None) -> NoReturn:
    """Kill every descendant and end. multiprocessing's own exit would wait for the children."""
    kill_all_descendants(time.monotonic() + TEARDOWN_S)
    if last is not None:
        last()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


def dump_stacks_to_file(crash_log: str) -> None:
    """Have the stacks of all threads written there at SIGUSR2, and before a fatal signal ends us.

    Such as the SIGABRT of a service manager whose watchdog has heard nothing.
    """
    fd = _open(crash_log)
    _dump_stacks_to(fd)
    faulthandler.enable(file=fd, all_threads=True)


def _complain_to(crash_log: str) -> None:
    """Send what a bug prints to a file: the terminal is root's."""
    fd = _open(crash_log)
    os.dup2(fd, 1)
    os.dup2(fd, STDERR)
    os.close(fd)


def _open(crash_log: str) -> int:
    return os.open(crash_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _dump_stacks_to(fd: int) -> None:
    # Its handler is in C: it works while the interpreter is stuck. It ends with an exec.
    faulthandler.register(signal.SIGUSR2, file=fd, all_threads=True, chain=False)


def _nothing() -> None:
    pass


def _ignored(_message: object) -> None:
    pass
