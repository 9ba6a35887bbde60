"""The children of a supervising process: starting, hearing, signalling and reaping them.

This is the only place that reaps: exactly once for each child, by pid. What a dead child leaves
behind comes to us, because we are a subreaper, and is killed.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from types import ModuleType
from typing import Any

from ...policies.spec import ExitClass, ExitReason
from ...workers import descendants
from ...workers.channel import Channel, ChannelOverflowError, vocabulary
from ...workers.eventloop import EventLoop
from ...workers.messages.common import Done, Ready, Stop
from ...workers.wire import WireError

BLOCKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
SWEEP_EVERY_S = 0.02
MUTE_S = 2.0  # how long a child may live on with its pipe closed

_context = multiprocessing.get_context("spawn")


@dataclass(slots=True, kw_only=True)
class Handle:
    """A living child: what we hold of it."""

    child_id: str
    incarnation: int
    pid: int
    channel: Channel
    process: object  # keeps multiprocessing's descriptors open
    exit_fd: int | None
    strays_live_s: float  # how long its orphans may take to end by themselves
    ready: Ready | None = None  # what it said of itself
    was_asked: bool = False
    said_done: bool = False
    we_sent: str = ""


class Processes:
    """The living children. `on_exit` and `on_message` are called from the loop."""

    def __init__(
        self,
        loop: EventLoop,
        on_exit: Callable[[str, int, ExitReason], None],
        on_message: Callable[[str, int, object], None],
        words: tuple[ModuleType, ...],
    ) -> None:
        self._decode = vocabulary(*words)
        self._loop = loop
        self._on_exit = on_exit
        self._on_message = on_message
        self._handles: dict[str, Handle] = {}
        loop.on_signals({signal.SIGCHLD: self._look_at_all})

    def pid_of(self, child_id: str) -> int | None:
        """The pid of a living child."""
        handle = self._handles.get(child_id)
        return None if handle is None else handle.pid

    def spawn(
        self,
        child_id: str,
        incarnation: int,
        target: Callable[..., None],
        arguments: tuple[Any, ...],
        *,
        strays_live_s: float = 0.0,
    ) -> None:
        """Start `target(connection, *arguments)` in a process of its own (spawn, not fork)."""
        ours, theirs = _context.Pipe(duplex=True)
        process = _context.Process(target=target, args=(theirs, *arguments))
        before = signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        # multiprocessing would reap it behind our back at the next start of another one.
        multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]  # noqa: SLF001
        pid = process.pid
        if pid is None:
            raise AssertionError(f"{child_id!r} was started and has no pid")
        handle = Handle(
            child_id=child_id,
            incarnation=incarnation,
            pid=pid,
            channel=Channel(ours, self._decode),
            process=process,
            exit_fd=descendants.pidfd_of(pid),
            strays_live_s=strays_live_s,
        )
        self._handles[child_id] = handle
        self._loop.watch(handle.channel.fd, lambda: self._hear(handle))
        if handle.exit_fd is not None:
            self._loop.watch(handle.exit_fd, lambda: self._look_at(handle))

    def rename(self, old_id: str, child_id: str, incarnation: int) -> None:
        """Let a living child that nobody supervises become one; its Ready is said again."""
        handle = self._handles.pop(old_id)
        handle.child_id, handle.incarnation = child_id, incarnation
        self._handles[child_id] = handle
        if handle.ready is not None:
            self._on_message(child_id, incarnation, handle.ready)

    def send(self, child_id: str, message: object) -> None:
        """Send to a living child; a dead one needs no message, its exit is on the way."""
        handle = self._handles.get(child_id)
        if handle is None:
            return
        if isinstance(message, Stop):
            handle.was_asked = True
        try:
            handle.channel.send(message)
        except ChannelOverflowError:
            self._signal(handle, signal.SIGKILL)  # it has not read for megabytes: it is hung
        self._watch(handle)

    def terminate(self, child_id: str, incarnation: int) -> None:
        """Send SIGTERM to this incarnation, and wake it up to hear it."""
        handle = self._of(child_id, incarnation)
        if handle is not None:
            self._signal(handle, signal.SIGTERM)
            self._signal(handle, signal.SIGCONT)

    def kill(self, child_id: str, incarnation: int) -> None:
        """Send SIGKILL to this incarnation."""
        handle = self._of(child_id, incarnation)
        if handle is not None:
            self._signal(handle, signal.SIGKILL)

    def kept(self) -> frozenset[int]:
        """The pids that no sweep may touch."""
        tracker = getattr(resource_tracker._resource_tracker, "_pid", None)  # noqa: SLF001  there is no public way
        known = {handle.pid for handle in self._handles.values()}
        return frozenset(known if tracker is None else {*known, tracker})

    def end_strays(self, live_s: float) -> None:
        """Before this process ends: what dead children left may end by itself, then is killed."""
        deadline_s = self._loop.now_s() + live_s
        while descendants.strays(self.kept()) and self._loop.now_s() < deadline_s:
            time.sleep(SWEEP_EVERY_S)
            descendants.reap_strays(self.kept())
        descendants.kill_all_descendants(self._loop.now_s() + live_s, keep=self.kept())
        _end_tracker()

    def _of(self, child_id: str, incarnation: int) -> Handle | None:
        handle = self._handles.get(child_id)
        return handle if handle is not None and handle.incarnation == incarnation else None

    def _signal(self, handle: Handle, number: signal.Signals) -> None:
        if number is not signal.SIGCONT:
            handle.we_sent = number.name
        with suppress(ProcessLookupError):
            if handle.exit_fd is not None:
                signal.pidfd_send_signal(handle.exit_fd, number)
            else:
                os.kill(handle.pid, number)  # not reaped yet, so the number is still its own

    # --- hearing --------------------------------------------------------------------------------

    def _hear(self, handle: Handle) -> None:
        try:
            messages = handle.channel.receive()
        except WireError:
            self._signal(handle, signal.SIGKILL)
            messages = []
        for message in messages:
            if isinstance(message, Ready):
                handle.ready = message
            if isinstance(message, Done):
                handle.said_done = True
            else:
                self._on_message(handle.child_id, handle.incarnation, message)
        if not handle.channel.is_open:
            self._loop.unwatch(handle.channel.fd)
            self._loop.call_at(self._loop.now_s() + MUTE_S, lambda: self._end_mute(handle))

    def _end_mute(self, handle: Handle) -> None:
        if self._handles.get(handle.child_id) is handle:
            self._signal(handle, signal.SIGKILL)

    def _watch(self, handle: Handle) -> None:
        if not handle.channel.is_open:
            return
        hear = lambda: self._hear(handle)  # noqa: E731  both watchers need it
        flush = (lambda: self._flush(handle)) if handle.channel.wants_to_write else None
        self._loop.watch(handle.channel.fd, hear, flush)

    def _flush(self, handle: Handle) -> None:
        handle.channel.flush()
        self._watch(handle)

    # --- reaping --------------------------------------------------------------------------------

    def _look_at_all(self) -> None:
        for handle in tuple(self._handles.values()):
            if handle.exit_fd is None:
                self._look_at(handle)
        descendants.reap_strays(self.kept())

    def _look_at(self, handle: Handle) -> None:
        pid, status = os.waitpid(handle.pid, os.WNOHANG)
        if pid == 0 or self._handles.get(handle.child_id) is not handle:
            return
        if handle.channel.is_open:
            self._hear(handle)  # its last words
        self._loop.unwatch(handle.channel.fd)
        handle.channel.close()
        if handle.exit_fd is not None:
            self._loop.unwatch(handle.exit_fd)
            os.close(handle.exit_fd)
        del self._handles[handle.child_id]
        if descendants.strays(self.kept()):
            self._loop.call_at(self._loop.now_s() + handle.strays_live_s, self._kill_strays)
        reason = reason_of(os.waitstatus_to_exitcode(status), handle)
        self._on_exit(handle.child_id, handle.incarnation, reason)

    def _kill_strays(self) -> None:
        if descendants.kill_descendants(self.kept()):
            self._loop.call_at(self._loop.now_s() + SWEEP_EVERY_S, self._kill_strays)


def reason_of(code: int, handle: Handle) -> ExitReason:
    """Say what an exit code means in OTP's words, given what was said before."""
    if code == 0 and handle.said_done:
        kind = ExitClass.SHUTDOWN if handle.was_asked else ExitClass.NORMAL
        return ExitReason(exit_class=kind, detail="ended")
    detail = f"exit {code}" if code >= 0 else f"signal {_signal_name(-code)}"
    if handle.was_asked and handle.we_sent:
        return ExitReason(
            exit_class=ExitClass.SHUTDOWN, detail=f"{detail} after our {handle.we_sent}"
        )
    words = "exit 0 without a last word" if code == 0 else detail
    return ExitReason(exit_class=ExitClass.ABNORMAL, detail=words)


def _end_tracker() -> None:
    """End multiprocessing's resource tracker, which would outlive us by a moment."""
    tracker = resource_tracker._resource_tracker  # noqa: SLF001  there is no public way
    pid, stop = getattr(tracker, "_pid", None), getattr(tracker, "_stop", None)
    if pid is not None and stop is not None:
        os.kill(pid, signal.SIGKILL)  # it tracks nothing of ours, and nobody may wait for it
        stop()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal between the two that have names
        return str(number)
