"""Root's process: the one that a person started. It holds the lock and runs the tree."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import assert_never

from ....policies.counting import counted
from ....policies.supervising.shutdown import deadline_from
from ....workers.messages import keeping, notices
from ....workers.messages.figures import Measured
from ....workers.messages.gate import AgentRefused, AgentStrained
from ....workers.messages.pace import PlacesChanged
from ....workers.messages.pipe_to_prd import WORDS
from ....workers.messages.prd import (
    Happened,
    LeaseGranted,
    PlanChanged,
    PrdReport,
    PrdWord,
    ProgramReplaced,
    StoryAtRest,
    StoryAtWork,
)
from ....workers.process.entry import become
from ....workers.process.eventloop import EventLoop
from ....workers.process.wire import WireError
from ....workers.secrecy.hiding import Hiding
from ...core.common import Noticed
from ...core.otp.commands import AskToStop, Kill, SetAlarm, Spawn, Terminate
from ...core.root import step as core
from ...core.root.records import PrdAccepted
from ...core.root.state import Root
from ...core.root.words import (
    Announce,
    EndRoot,
    GrantLease,
    PassOn,
    PrdSaid,
    PrdsSubmitted,
    RootCommand,
    RootEvent,
    RootStopRequested,
    TellMeeting,
    WatchClock,
    WriteRoot,
)
from ..ceilings.pacing import with_host
from ..ceilings.watching import StoryWatch
from ..children.heartbeats import Watch
from ..children.sweep import MARKER, sweep_survivors
from ..host import Host
from ..run_settings import RootSettings
from ..service.post_mortem import begin_log
from ..status.document import StatusDocument
from ..storage.chronicle import last_lines
from ..storage.eventlog import EventLog
from ..storage.layout import Layout
from ..storage.offline import planned_views, root_snapshot
from ..storage.registry import RegistryFile
from . import spawn_targets
from .asked import RootAsked
from .beginnings import Beginnings
from .boots import note_boot
from .clock import WallClock
from .ears import Ears, call_all
from .first_state import bounds_of, first_events, root_of
from .opened import lock_root, open_state
from .overlaps import scopes_read, tell_meeting
from .status import Now, status_now
from .stop_signals import StopSignals, heard_by
from .upgrade import Upgrade

STRAYS_LIVE_S = 0.5  # a dead PRD supervisor's children tear themselves down in that time


class RootProcess(RootAsked):
    """Carries out what root's core wants, and tells it what happens."""

    def __init__(
        self,
        layout: Layout,
        settings: RootSettings,
        listener: Callable[[dict[str, object]], None],
    ) -> None:
        """Take the lock and sweep; raises LockBusyError, StoreError or OSError, nothing changed."""
        self._upgrade = Upgrade(self)
        self._layout = layout
        self.settings = settings
        self._hiding = Hiding(settings.secret_sources(layout.repository), os.environ)
        self._started_at = time.time()
        self._lock = lock_root(layout, self._started_at)
        opened = open_state(layout)
        os.environ[MARKER] = layout.marker
        self.board, self._store, self.mended = opened.board, opened.store, opened.mended
        self._rebooted = note_boot(self._store, self.board)
        self.log = EventLog(layout.events, partial(last_lines, layout))
        self.log.listeners.append(listener)
        if opened.taken_over:
            self.log.tell("taken_over", opened.taken_over)
        self.crash = begin_log(layout.crash_log)
        become("root")
        self.loop = EventLoop()
        self.on_begun: list[Callable[[], None]] = []  # it has swept, and taken what it is to run
        self.on_close: list[Callable[[], None]] = []
        self.on_ending: list[Callable[[], None]] = []  # before: the loop and children still serve
        self.ears = Ears()
        self._exit_code: int | None = None
        rows = self.board.rows
        self._beginnings = Beginnings(each for each in rows if rows[each].is_interrupted)
        self._registry = RegistryFile(layout.registry, settings.max_prds, settings.api_limit)
        self._host = self._make_host()
        self._host.on_gone = self.ears.hear_end
        self._host.on_replaced = self._upgrade.on_replaced
        self._clock = WallClock(self.loop, self.post)
        self._stories = StoryWatch(self._host, self.log, layout, settings.ceilings)
        self.on_reload: Callable[[], None] = lambda: None
        self.ends_with: Callable[[int], int] = int  # who has started root may know better
        self.on_turn: list[Callable[[], None]] = []  # something may be other than before
        self.on_restart: Callable[[str], None] = lambda _: None  # before a PRD is started again
        self.before_long: Callable[[], None] = lambda: None  # the loop will stand still for a while
        self.loop.on_signals(heard_by(self, StopSignals(self)))

    def _make_host(self) -> Host[Root, RootEvent, RootCommand]:
        root = root_of(self._layout, self.settings, self.board)
        root = with_host(root, self.settings)
        return Host(
            root,
            core.step,
            loop=self.loop,
            store=self._store,
            spawn=self._spawn,
            perform=self._perform,
            record_of=self._record_of,
            must_wait=lambda command: isinstance(command, Spawn),
            on_message=self._on_prd_message,
            words=(*WORDS, notices, keeping),
            watch=Watch(from_ready=lambda _: True, patience=self.settings.patience),
            on_notice=lambda prd_id, event, text: self.post(
                Noticed(child_id=prd_id, event=event, text=text)
            ),
        )

    def run(self, opening: PrdsSubmitted) -> int:
        """Run these PRDs, and those that are handed in meanwhile; return the exit code."""
        if self._rebooted:
            self.log.tell("rebooted", self._rebooted)
        if survivors := sweep_survivors(self._layout.marker):
            self.log.tell("swept", f"{counted(survivors, 'process')} of an earlier run ended")
        self.log.tell("root_started", f"root is pid {os.getpid()}")
        for event in first_events(opening):
            self.post(event)
        self._host.turn()
        call_all(self.on_begun)
        while self._exit_code is None:
            self._host.run_once()
            self._host.compact_if_long(root_snapshot)
            self._registry.write(self.board)
            call_all(self.on_turn)
        self.log.tell("root_ended", f"exit code {self._exit_code}")
        call_all(self.on_ending)
        self._close()
        return self._exit_code

    def _close(self) -> None:
        self._host.processes.end_strays(STRAYS_LIVE_S)
        self._stories.close()
        self._registry.write(self.board)
        call_all(self.on_close)
        self._store.close()
        self._lock.close()

    def foresee(self, prd_id: str) -> None:
        """Show a PRD that has not begun with the stories of its plan, as it is now."""
        if planned := planned_views(self._layout, prd_id):
            self.board.on_plan(prd_id, planned)

    # --- effects --------------------------------------------------------------------------------

    def _record_of(self, command: RootCommand) -> object | None:
        if not isinstance(command, WriteRoot):
            return None
        self.board.on_record(command.record, time.time())
        if isinstance(command.record, PrdAccepted):
            self.foresee(command.record.prd_id)
        self._beginnings.on_record(command.record)
        self.ears.hear_record(command.record)
        self._registry.is_stale = True
        return command.record

    def _perform(self, command: RootCommand) -> None:
        match command:
            case GrantLease():
                self._host.processes.send(
                    command.prd_id, LeaseGranted(lease=command.lease, agent=command.agent)
                )
            case PassOn():
                self._pass_on(command)
            case WatchClock():
                self._clock.watch(command.until_s)
            case TellMeeting():
                tell_meeting(self.log, self._layout, command.met)
            case Announce():
                self.log.tell(
                    command.event, command.text, prd_id=command.prd_id, story_id=command.story_id
                )
            case EndRoot():
                self._exit_code = self.ends_with(command.exit_code)
            case Spawn() | AskToStop() | Terminate() | Kill() | SetAlarm():
                self._host.perform(command)
            case WriteRoot():
                raise AssertionError("a record is no effect")
            case _:
                assert_never(command)

    def _pass_on(self, command: PassOn) -> None:
        self._host.processes.send(command.prd_id, command.order)
        if isinstance(command.order, PlacesChanged):
            self.board.rows[command.prd_id].max_workers = command.order.max_workers
        elif isinstance(command.order, PlanChanged):
            self.post(scopes_read(self._layout, self.board, self.settings))

    def _spawn(self, effect: Spawn) -> None:
        self._upgrade.require()
        prd_id, processes = effect.spec.child_id, self._host.processes
        arguments = (os.getpid(), prd_id, str(self._layout.crash_log))
        processes.spawn(
            prd_id, effect.incarnation, spawn_targets.prd, arguments, strays_live_s=STRAYS_LIVE_S
        )
        row = self.board.rows[prd_id]
        begin = self._beginnings.begin(self._layout, self.settings, row.accepted, self._host.state)
        processes.send(prd_id, self._stories.confined(begin))
        row.pid, row.max_workers = processes.pid_of(prd_id), begin.limits.max_workers
        self.post(scopes_read(self._layout, self.board, self.settings))
        row.is_auto = begin.limits.auto_workers
        row.worktree = str(self._layout.worktrees / prd_id)
        self._registry.is_stale = True

    # --- what the children and the operator say -------------------------------------------------

    def _on_prd_message(self, prd_id: str, incarnation: int, message: object) -> None:
        if isinstance(message, Measured):
            self.ears.hear_measured(message)
            return
        if isinstance(message, ProgramReplaced):
            self._upgrade.on_replaced()
            return
        if not isinstance(message, PrdWord):
            raise WireError(f"not for its supervisor: {type(message).__name__}")
        match message:
            case Happened():
                self.log.pass_on(message, prd_id)
            case PrdReport():
                self.board.on_report(prd_id, message, time.time())
                self._registry.is_stale = True
            case StoryAtWork() | StoryAtRest():
                self._stories.on_word(prd_id, message)
            case AgentRefused() | AgentStrained():
                self._clock.see()  # their moments are the wall clock's
            case _:
                pass  # the core's alone
        self._host.post(PrdSaid(prd_id=prd_id, incarnation=incarnation, word=message))

    def status(self) -> StatusDocument:
        """The status document, as of now."""
        return status_now(self._layout, self.board, self.now())

    def now(self) -> Now:
        """Root at this moment."""
        return Now(
            root=self._host.state,
            stories=self._stories,
            settings=self.settings,
            started_at=self._started_at,
        )

    def stop(self, grace_s: float) -> None:
        """Stop the tree."""
        self.log.tell("stopping", f"everything ends within {grace_s:g} s")
        self._host.post(RootStopRequested(deadline=deadline_from(self.loop.now_s(), grace_s)))

    def change_settings(self, settings: RootSettings) -> None:
        """Take new bounds: at once for root, from its next start on for each PRD."""
        self.settings = settings
        self._hiding = Hiding(settings.secret_sources(self._layout.repository), os.environ)
        self._registry = RegistryFile(self._layout.registry, settings.max_prds, settings.api_limit)
        self._host.post(bounds_of(settings))
        self._stories.change(settings.ceilings, {})
