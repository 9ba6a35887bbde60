"""The way into every child process: name, session, signals, and death with the parent."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import ModuleType

# Without it the title overwrites /proc/PID/environ, and the marker of the sweep with it.
os.environ.setdefault("SPT_NOENV", "1")
# Children start in the user's repository, where a signal.py of the user's must not be ours.
os.environ.setdefault("PYTHONSAFEPATH", "1")

import setproctitle

from .channel import Channel, vocabulary
from .descendants import kill_all_descendants, start_ticks
from .eventloop import EventLoop
from .messages.common import Done, Ready

HAND_OVER_S = 2.0  # for a parent that is slow to read our last words
TEARDOWN_S = 0.8  # of the one second in which nothing may be left
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def become(title: str) -> None:
    """Take the process's place in the tree: its title, and its orphaned descendants."""
    name(title)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def name(title: str) -> None:
    """Show what the process is, to `ps` and to people."""
    setproctitle.setproctitle(f"prd-supervise: {title}")


def follow_parent_in_death(signal_number: int) -> None:
    """Have the kernel send us this signal when the parent dies, where it can do that."""
    _prctl(_PR_SET_PDEATHSIG, signal_number)


def _prctl(option: int, value: int) -> None:
    prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux has it, macOS does not
    if prctl is not None:
        prctl(option, value, 0, 0, 0)


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
        self.pid = os.getpid()
        become(title)
        self.loop = EventLoop()
        self.channel = Channel(connection, vocabulary(*words))
        self.on_message: Callable[[object], None] = _ignored
        self.loop.on_signals({signal.SIGTERM: self.tear_down, signal.SIGINT: _nothing})
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        follow_parent_in_death(signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the parent blocked them around the spawn
        if os.getppid() != parent_pid:  # it died before we asked to be told
            self.tear_down()

    def rename(self, title: str) -> None:
        """Take another title, when it is known what the process serves."""
        name(title)

    def say_ready(self) -> None:
        """Tell the parent that we serve, and begin to listen."""
        self.loop.watch(self.channel.fd, self._on_readable)
        self.say(Ready(pid=self.pid, start_ticks=start_ticks(self.pid) or 0))

    def say(self, message: object) -> None:
        """Send a message to the parent."""
        self.channel.send(message)
        self._watch_writing()

    def run(self) -> None:
        """Serve until the end of the process."""
        while True:
            self.loop.run_once()

    def _on_readable(self) -> None:
        for message in self.channel.receive():
            self.on_message(message)
        if not self.channel.is_open:
            self.tear_down()

    def _watch_writing(self) -> None:
        wants = self.channel.wants_to_write
        self.loop.watch(self.channel.fd, self._on_readable, self._on_writable if wants else None)

    def _on_writable(self) -> None:
        self.channel.flush()
        self._watch_writing()

    def end(self, exit_code: int = 0) -> None:
        """End by ourselves: say Done if all is well, hand over what is still to be sent."""
        if exit_code == 0:
            self.channel.send(Done())
        self._hand_over()
        leave(exit_code)

    def _hand_over(self) -> None:
        deadline_s = self.loop.now_s() + HAND_OVER_S
        while self.channel.wants_to_write and self.loop.now_s() < deadline_s:
            select.select([], [self.channel.fd], [], deadline_s - self.loop.now_s())
            self.channel.flush()

    def tear_down(self) -> None:
        """End at once, and take every descendant along."""
        leave(128 + signal.SIGTERM)


def leave(exit_code: int) -> None:
    """Kill every descendant and end. multiprocessing's own exit would wait for the children."""
    kill_all_descendants(time.monotonic() + TEARDOWN_S)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


def _complain_to(crash_log: str) -> None:
    """Send what a bug prints to a file: the terminal is root's."""
    fd = os.open(crash_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    os.close(fd)


def _nothing() -> None:
    pass


def _ignored(_message: object) -> None:
    pass
