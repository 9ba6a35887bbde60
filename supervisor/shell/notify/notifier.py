"""The notifier, as root's shell keeps it: a child that no core knows of, there while it is needed.

It is started when there is something to deliver and ended when nothing was for a while: a process
that waits all night costs memory. One that dies is started again, with what it had not delivered,
twice; then its messages are lost, and people are told so. Root never waits for it but at its end.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from msgspec import Struct

from ....policies.notices import Notice
from ....policies.supervising.spec import ExitReason
from ....policies.values import replace
from ....workers.messages.common import Stop
from ....workers.messages.notices import Deliver, Delivered, NotifierBegin
from ....workers.process.eventloop import EventLoop, Timer
from ..children.processes import Processes
from ..root import spawn_targets

CHILD_ID = "/notifier"  # no PRD can have such an id
IDLE_S = 20.0
STARTS_MAX = 3  # for one message
AGAIN_S = 1.0  # after a death
OPEN_MAX = 200
END_S = 1.5  # that its end may take


class _Open(Struct, frozen=True, kw_only=True):
    """A message that has not arrived by all its ways."""

    order: Deliver
    starts: int = 0  # of a notifier that it was given to


class Notifier:
    """Gives messages to the process; `tell` hears of each way how it went."""

    def __init__(
        self,
        loop: EventLoop,
        processes: Processes,
        crash_log: str,
        begin: Callable[[], NotifierBegin],
        tell: Callable[[str, str], None],
    ) -> None:
        self._loop = loop
        self._processes = processes
        self._crash_log = crash_log
        self._begin = begin
        self._tell = tell
        self._open: dict[int, _Open] = {}
        self._number = 0
        self._incarnation = 0
        self._is_ending = False  # the process was asked to
        self._idle: Timer | None = None
        self._told: NotifierBegin | None = None  # the rules that the process goes by

    @property
    def undelivered(self) -> int:
        """How many messages have not been delivered."""
        return len(self._open)

    def deliver(self, notice: Notice) -> None:
        """Have it delivered by all ways that are set."""
        ways = self._begin().rules.ways
        if len(self._open) >= OPEN_MAX:
            for way in ways:
                self._tell(way, f"{way}: too many messages wait")
            return
        self._number += 1
        order = Deliver(number=self._number, notice=notice, ways=ways)
        self._open[order.number] = _Open(order=order)
        self._serve()

    def _serve(self) -> None:
        """Give what is open to the process, which may have to be started."""
        if self._is_ending or not self._open:
            return
        if self._processes.pid_of(CHILD_ID) is None:
            self._start()
            return
        self._stay()
        self._tell_rules()
        for number, each in tuple(self._open.items()):
            if not each.starts:
                self._open[number] = replace(each, starts=1)
                self._processes.send(CHILD_ID, each.order)

    def _start(self) -> None:
        self._incarnation += 1
        for number, each in tuple(self._open.items()):
            self._open[number] = replace(each, starts=each.starts + 1)
        try:
            self._processes.spawn(
                CHILD_ID, self._incarnation, spawn_targets.notifier, (os.getpid(), self._crash_log)
            )
        except OSError as error:  # the system is short of something: later, perhaps
            self._lose(f"the notifier cannot be started: {error.strerror or error}")
            self._try_again()
            return
        self._told = None
        self._tell_rules()
        self._stay()
        for each in tuple(self._open.values()):
            self._processes.send(CHILD_ID, each.order)

    def _tell_rules(self) -> None:
        """Say by which rules, where that is new: the settings may have been read again."""
        begin = self._begin()
        if begin != self._told:
            self._told = begin
            self._processes.send(CHILD_ID, begin)

    def _try_again(self) -> None:
        if self._open:
            self._loop.call_at(self._loop.now_s() + AGAIN_S, self._serve)

    def _lose(self, problem: str, *, starts: int = STARTS_MAX) -> None:
        """What was given to so many starts is lost."""
        for number, each in tuple(self._open.items()):
            if each.starts >= starts:
                del self._open[number]
                for way in each.order.ways:
                    self._tell(way, f"{way}: {problem}")

    # --- the process speaks, or is gone ---------------------------------------------------------

    def hear(self, message: object) -> None:
        """One way of one message is over."""
        if not isinstance(message, Delivered):
            return
        known = self._open.get(message.number)
        if known is None or message.way not in known.order.ways:
            return
        ways = tuple(way for way in known.order.ways if way != message.way)
        if ways:
            order = replace(known.order, ways=ways)
            self._open[message.number] = replace(known, order=order)
        else:
            del self._open[message.number]
        self._tell(message.way, message.problem)

    def gone(self, reason: ExitReason) -> None:
        """The process has ended."""
        was_asked, self._is_ending = self._is_ending, False
        if not was_asked:
            self._lose(f"the notifier died: {reason.detail}")
        self._try_again()

    def _stay(self) -> None:
        """Put its end off."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.call_at(self._loop.now_s() + IDLE_S, self._on_idle)

    def _on_idle(self) -> None:
        if self._open:
            self._stay()
        else:
            self.stop()

    def stop(self) -> None:
        """Ask the process to end; what is at work ends with it."""
        if self._idle is not None:
            self._idle.cancel()
        if self._processes.pid_of(CHILD_ID) is not None and not self._is_ending:
            self._is_ending = True
            self._processes.send(CHILD_ID, Stop(deadline_s=self._loop.now_s(), grace_s=END_S))

    def finish(self, until_s: Callable[[], float], serve: Callable[[], None]) -> None:
        """At root's end: wait until all is delivered, but not longer; then end the process.

        `serve` lets the core hear what comes meanwhile, which can make `until_s` sooner.
        """
        while self._open and self._loop.now_s() < until_s():
            self._turn(until_s())
            serve()
        self.stop()
        end_s = self._loop.now_s() + END_S
        while self._processes.pid_of(CHILD_ID) is not None and self._loop.now_s() < end_s:
            self._turn(end_s)
        self._processes.kill(CHILD_ID, self._incarnation)
        self._lose("not delivered when the run ended", starts=0)

    def _turn(self, until_s: float) -> None:
        timer = self._loop.call_at(until_s, lambda: None)
        self._loop.run_once()
        timer.cancel()
