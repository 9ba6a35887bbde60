"""The children of a supervising process: starting, hearing, signalling and reaping them.

This is the only place that reaps: exactly once for each child, by pid.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ....policies.supervising.spec import Cause, ExitReason
from ....workers.messages.common import Done, Ready, Stop
from ....workers.process import descendants
from ....workers.process.channel import (
    QUEUE_BYTES_MAX,
    TURN_BYTES_MAX,
    Channel,
    ChannelOverflowError,
    OversizeError,
    vocabulary,
)
from ....workers.process.eventloop import EventLoop
from ....workers.process.exit_watch import watch_exit
from ....workers.process.wire import WireError
from ...prd.defect import printable
from .handle import Handle, exit_code_of, reason_of
from .spawning import end_tracker, start, tracker_pid
from .strays import Strays

SWEEP_EVERY_S = 0.02
MUTE_S = 2.0  # how long a child may live on with its pipe closed


Notice = Callable[[str, str, str], None]  # child id, event, text for people


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
        self._strays = Strays(loop, self.kept, self._tell_undead)
        self.on_notice: Notice = _untold
        self.on_kill: Callable[[str, int], None] = lambda _child_id, _incarnation: None
        loop.on_signals({signal.SIGCHLD: self._look_at_all})

    def pid_of(self, child_id: str) -> int | None:
        """The pid of a living child."""
        handle = self._handles.get(child_id)
        return None if handle is None else handle.pid

    def identity_of(self, child_id: str) -> Ready | None:
        """What a living child said of itself: its pid and its start ticks."""
        handle = self._handles.get(child_id)
        return None if handle is None else handle.ready

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
        process, pid, ours = start(target, arguments)
        handle = Handle(
            child_id=child_id,
            incarnation=incarnation,
            pid=pid,
            channel=Channel(ours, self._decode),
            process=process,
            strays_live_s=strays_live_s,
            on_kill=lambda killed: self.on_kill(killed.child_id, killed.incarnation),
        )
        self._handles[child_id] = handle
        try:
            self._loop.watch(handle.channel.fd, lambda: self._hear(handle))
            handle.exit = watch_exit(self._loop, pid, lambda: self._look_at(handle))
        except OSError:  # the system is short of memory or watches: nobody would hear it
            self._abandon(handle)
            raise

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
        except OversizeError as error:
            handle.condemn(f"could not be told: {error}; killed")
        except ChannelOverflowError as error:
            handle.condemn(f"does not read what it is told: {error}; killed", Cause.HANG)
        self._watch(handle)

    def terminate(self, child_id: str, incarnation: int) -> None:
        """Send SIGTERM to this incarnation, and wake it up to hear it."""
        handle = self._of(child_id, incarnation)
        if handle is not None:
            handle.send(signal.SIGTERM)
            handle.send(signal.SIGCONT)

    def kill(self, child_id: str, incarnation: int) -> None:
        """Send SIGKILL to this incarnation."""
        handle = self._of(child_id, incarnation)
        if handle is not None:
            handle.send(signal.SIGKILL)

    def dump(self, child_id: str) -> bool:
        """Have a child write its stacks to the crash log; False if it is stopped, or gone."""
        if self.is_stopped(child_id) is not False:
            return False
        self._handles[child_id].send(signal.SIGUSR2)
        return True

    def condemn(
        self,
        child_id: str,
        fault: str,
        cause: Cause = Cause.ORDINARY,
        number: signal.Signals = signal.SIGKILL,
    ) -> None:
        """End a child that does not do its part; its exit is told with this reason."""
        handle = self._handles.get(child_id)
        if handle is not None:
            handle.condemn(fault, cause, number)

    def was_killed(self, child_id: str) -> bool:
        """Say whether a child that is not gone yet was sent SIGKILL."""
        handle = self._handles.get(child_id)
        return handle is not None and handle.we_sent == signal.SIGKILL.name

    def is_stopped(self, child_id: str) -> bool | None:
        """Say whether a living child is stopped (state T) right now; None if it is gone."""
        handle = self._handles.get(child_id)
        if handle is None:
            return None
        self._look_whether_stopped(handle)
        return handle.is_stopped

    def kept(self) -> frozenset[int]:
        """The pids that no sweep may touch."""
        return frozenset((*(handle.pid for handle in self._handles.values()), *tracker_pid()))

    def end_strays(self, live_s: float) -> None:
        """Before this process ends: what dead children left may end by itself, then is killed."""
        deadline_s = self._loop.now_s() + live_s
        while descendants.strays(self.kept()) and self._loop.now_s() < deadline_s:
            time.sleep(SWEEP_EVERY_S)
            descendants.reap_strays(self.kept())
        descendants.kill_all_descendants(self._loop.now_s() + live_s, keep=self.kept())
        end_tracker()

    def _of(self, child_id: str, incarnation: int) -> Handle | None:
        handle = self._handles.get(child_id)
        return handle if handle is not None and handle.incarnation == incarnation else None

    # --- hearing --------------------------------------------------------------------------------

    def _hear(self, handle: Handle) -> None:
        self._take(handle)
        if not handle.channel.is_open:
            self._loop.unwatch(handle.channel.fd)
            self._loop.call_at(self._loop.now_s() + MUTE_S, lambda: self._end_mute(handle))

    def _take(self, handle: Handle, bytes_max: int = TURN_BYTES_MAX) -> None:
        """Pass on what a child says; WireError, also of who hears it, is the child's end."""
        try:
            for message in handle.channel.receive(bytes_max=bytes_max):
                if isinstance(message, Ready):
                    handle.ready = message
                if isinstance(message, Done):
                    handle.said_done = True
                else:
                    self._on_message(handle.child_id, handle.incarnation, message)
        except WireError as error:
            handle.channel.is_open = False  # nothing that it says counts any more
            handle.condemn(f"said what is no message; killed: {printable(str(error))}")

    def _end_mute(self, handle: Handle) -> None:
        if self._handles.get(handle.child_id) is handle and not handle.fault:
            handle.condemn("closed its pipe and lived on; killed")

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
            if handle.exit is not None and not handle.exit.is_told:
                self._look_at(handle)
            self._look_whether_stopped(handle)
        descendants.reap_strays(self.kept())

    def _look_whether_stopped(self, handle: Handle) -> None:
        if handle.look_whether_stopped():
            if handle.is_stopped:
                self.on_notice(handle.child_id, "stopped_by_somebody", "somebody has stopped it")
            else:
                self.on_notice(handle.child_id, "continued", "it was stopped, and goes on")

    def _look_at(self, handle: Handle) -> None:
        code = exit_code_of(handle)
        if code is None or self._handles.get(handle.child_id) is not handle:
            return
        if handle.channel.is_open:
            self._take(handle, QUEUE_BYTES_MAX)  # its last words
        self._let_go(handle)
        reason = reason_of(code, handle)
        self._strays.bury(
            handle.strays_live_s,
            lambda: self._on_exit(handle.child_id, handle.incarnation, reason),
        )

    def _let_go(self, handle: Handle) -> None:
        self._loop.unwatch(handle.channel.fd)
        handle.channel.close()
        if handle.exit is not None:
            handle.exit.close()
        del self._handles[handle.child_id]

    def _abandon(self, handle: Handle) -> None:
        """End a child that was started and cannot be served."""
        handle.send(signal.SIGKILL)
        self._let_go(handle)
        self._strays.bury(0.0, lambda: None)

    def _tell_undead(self, pids: tuple[int, ...]) -> None:
        named = ", ".join(map(str, pids))
        self.on_notice("", "undead", f"killed and not gone, the kernel holds them: pid {named}")


def _untold(_child_id: str, _event: str, _text: str) -> None:
    pass
