"""The loop of a supervising process: events in, one step of its core, records down, effects out.

Records are durable before any effect of the same turn that starts something. If they cannot be
written, such effects are held back, the core is told, and writing is tried again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Generic, Protocol, TypeVar, assert_never

from ...policies.supervising.spec import ExitClass, ExitReason
from ...workers.messages.common import Extend, Heartbeat, Ready, Stop
from ...workers.process.eventloop import EventLoop
from ..core.common import StorageChanged
from ..core.otp.commands import AskToStop, Effect, Kill, SetAlarm, Spawn, Terminate
from ..core.otp.events import AlarmWentOff, ChildExited, ChildKilled, ChildReady, SupervisorEvent
from .children.heartbeats import Heartbeats, Watch
from .children.processes import Notice, Processes
from .children.program import ProgramReplacedError
from .shortages import FULL, not_started
from .storage.store import Store, Stored

State = TypeVar("State")
Event = TypeVar("Event")
Command = TypeVar("Command")

RETRY_STORAGE_S = 1.0

Records = Sequence[tuple[object, float]]  # with their wall times


class SpawnRefusedError(Exception):
    """A child could not be started at all; the text is its exit reason."""


class Outsider(Protocol):
    """Who looks after a child that no core knows of."""

    def hear(self, message: object) -> None:
        """It says this."""

    def gone(self, reason: ExitReason) -> None:
        """Its process has ended."""


class StorageFailedError(Exception):
    """Records could not be made durable: the process has to end, its successor to look again."""


class Host(Generic[State, Event, Command]):
    """Drives one core. What is special to root or to a PRD comes in as functions."""

    def __init__(  # noqa: PLR0913  the parts that a core needs to live
        self,
        state: State,
        step: Callable[[State, Event, float], tuple[State, list[Command]]],
        *,
        loop: EventLoop,
        store: Store,
        spawn: Callable[[Spawn], None],
        perform: Callable[[Command], None],
        record_of: Callable[[Command], object | None],
        must_wait: Callable[[Command], bool],
        on_message: Callable[[str, int, object], None],
        words: tuple[ModuleType, ...],
        watch: Watch | None = None,
        on_notice: Notice | None = None,
    ) -> None:
        self.state = state
        self.loop = loop
        self.processes = Processes(loop, self._on_exit, self._on_message, words)
        self.processes.on_kill = self._on_kill
        self.heartbeats = Heartbeats(loop, self.processes, watch or Watch())
        if on_notice is not None:
            self.processes.on_notice = self.heartbeats.on_notice = self._of_the_core(on_notice)
        self.on_death: Callable[[], None] = lambda: None  # of any child, spares included
        self.on_gone: Callable[[str, ExitReason], None] = lambda _child_id, _reason: None
        self.outsiders: dict[str, Outsider] = {}
        self.on_replaced: Callable[[], None] = lambda: None  # a child that is wanted cannot start
        self.on_records: Callable[[Records], None] = lambda _records: None  # that stand, or wait to
        self._step = step
        self._store = store
        self._spawn = spawn
        self._perform = perform
        self._record_of = record_of
        self._must_wait = must_wait
        self._on_word = on_message
        self._events: deque[Event | SupervisorEvent | StorageChanged] = deque()
        self._held: list[Command] = []
        self._is_full = False

    def _of_the_core(self, on_notice: Notice) -> Notice:
        """Pass on only what is about children that the core knows."""

        def heard(child_id: str, event: str, text: str) -> None:
            if child_id not in self.outsiders:
                on_notice(child_id, event, text)

        return heard

    def post(self, event: Event | SupervisorEvent | StorageChanged) -> None:
        """Queue an event for the core."""
        self._events.append(event)

    def turn(self) -> None:
        """Serve all events that have come, and what they lead to."""
        while self._events:
            commands: list[Command] = []
            for _ in range(len(self._events)):
                event = self._events.popleft()
                self.state, more = self._step(self.state, event, self.loop.now_s())  # type: ignore[arg-type]  # every core takes these
                commands += more
            self._carry_out(commands)

    def run_once(self) -> None:
        """Wait for something, then serve it."""
        self.loop.run_once()
        self.turn()

    def compact_if_long(self, payload_of: Callable[[Stored], object]) -> None:
        """Let a journal that has become long end in a snapshot: who lives for weeks needs it."""
        try:
            self._store.compact_if_long(payload_of)
        except OSError as error:
            raise StorageFailedError(f"the snapshot cannot be written: {error}") from error

    def _carry_out(self, commands: list[Command]) -> None:
        effects: list[Command] = []
        records: list[tuple[object, float]] = []
        for command in commands:
            record = self._record_of(command)
            if record is None:
                effects.append(command)
            else:
                records.append((record, time.time()))
                self._store.append(record, at=records[-1][1])
        self._make_durable()
        for effect in effects:
            if self._store.is_behind and self._must_wait(effect):
                self._held.append(effect)
            else:
                self._perform(effect)
        if records:
            self.on_records(records)

    def _make_durable(self) -> None:
        try:
            self._store.flush()
        except OSError as error:
            # What a failed sync has lost is not known (EIO): only a new start can tell.
            if error.errno not in FULL:
                raise StorageFailedError(f"the journal cannot be written: {error}") from error
            if not self._is_full:
                self._is_full = True
                self.post(StorageChanged(is_full=True))
                self.loop.call_at(self.loop.now_s() + RETRY_STORAGE_S, self._try_storage_again)
        else:
            if self._is_full:
                self._go_on()

    def _try_storage_again(self) -> None:
        if self._is_full:
            self._make_durable()
        if self._is_full:
            self.loop.call_at(self.loop.now_s() + RETRY_STORAGE_S, self._try_storage_again)

    def _go_on(self) -> None:
        """Do what was held back, before anything newer."""
        self._is_full = False
        held, self._held = self._held, []
        for effect in held:
            self._perform(effect)
        self.post(StorageChanged(is_full=False))

    def perform(self, effect: Effect) -> None:
        """Carry out what every supervisor wants."""
        match effect:
            case Spawn():
                try:
                    self._spawn(effect)
                except ProgramReplacedError:
                    self._held.append(effect)  # type: ignore[arg-type]  # every core wants these
                    self.on_replaced()
                except (OSError, SpawnRefusedError) as error:
                    reason = ExitReason(exit_class=ExitClass.ABNORMAL, detail=not_started(error))
                    self._on_exit(effect.spec.child_id, effect.incarnation, reason)
            case AskToStop() | Terminate() | Kill() if self._is_held(effect):
                self._drop_held(effect)
            case AskToStop():
                deadline = effect.deadline
                stop = Stop(deadline_s=deadline.at_s, grace_s=deadline.grace_s)
                self.processes.send(effect.child_id, stop)
            case Terminate():
                self.processes.terminate(effect.child_id, effect.incarnation)
            case Kill():
                self.processes.kill(effect.child_id, effect.incarnation)
            case SetAlarm():
                self._set_alarm(effect)
            case _:
                assert_never(effect)

    def _is_held(self, effect: AskToStop | Terminate | Kill) -> bool:
        return any(_is_spawn_of(effect, held) for held in self._held)

    def _drop_held(self, effect: AskToStop | Terminate | Kill) -> None:
        """End a child that waits for the storage, and was never started."""
        self._held = [held for held in self._held if not _is_spawn_of(effect, held)]
        reason = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="stopped before it was started")
        self._on_exit(effect.child_id, effect.incarnation, reason)

    def _set_alarm(self, effect: SetAlarm) -> None:
        event = AlarmWentOff(
            child_id=effect.child_id, incarnation=effect.incarnation, alarm=effect.alarm
        )
        self.loop.call_at(effect.at_s, lambda: self.post(event))

    def _on_exit(self, child_id: str, incarnation: int, reason: ExitReason) -> None:
        self.on_death()
        self.on_gone(child_id, reason)
        self.heartbeats.forget(child_id)
        if child_id in self.outsiders:
            self.outsiders[child_id].gone(reason)
            return
        self.post(ChildExited(child_id=child_id, incarnation=incarnation, reason=reason))

    def _on_kill(self, child_id: str, incarnation: int) -> None:
        if child_id not in self.outsiders:
            self.post(ChildKilled(child_id=child_id, incarnation=incarnation))  # it may be undead

    def _on_message(self, child_id: str, incarnation: int, message: object) -> None:
        self.heartbeats.on_word(child_id, message)
        match message:
            case Heartbeat() | Extend():
                return
            case Ready():
                self.heartbeats.on_ready(child_id)
                if child_id in self.outsiders:
                    return
                self.post(ChildReady(child_id=child_id, incarnation=incarnation))
            case _ if child_id in self.outsiders:
                self.outsiders[child_id].hear(message)
            case _:
                self._on_word(child_id, incarnation, message)


def _is_spawn_of(effect: AskToStop | Terminate | Kill, held: object) -> bool:
    return (
        isinstance(held, Spawn)
        and held.spec.child_id == effect.child_id
        and held.incarnation == effect.incarnation
    )
