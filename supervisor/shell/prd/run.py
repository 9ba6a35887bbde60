"""One PRD at work in its supervisor's process: core, journal and children, under one loop."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import assert_never

import msgspec

from ....policies.scheduling.admission import spares_wanted
from ....workers.messages import git as git_words
from ....workers.messages import story as story_words
from ....workers.messages.approval import AnswerTaken
from ....workers.messages.git import GitRequest
from ....workers.messages.landing import Land, RollBack
from ....workers.messages.prd import Begin, Happened, ProgramReplaced, StoryAtWork
from ....workers.messages.train import PublishTrain
from ....workers.process.entry import ChildProcess
from ...core.common import Noticed
from ...core.otp.commands import AskToStop, Kill, SetAlarm, Spawn, Terminate
from ...core.prd import step as core
from ...core.prd.attempt.attempt import awaits_agent
from ...core.prd.landing.landing_state import LANDER, LANDING_NAME
from ...core.prd.state import GIT, Prd, PrdPhase, story_of, worker_of
from ...core.prd.turn import running, waiting
from ...core.prd.words import (
    AskGit,
    AssignLander,
    AssignWorker,
    Begun,
    End,
    FinishWorker,
    GitSaid,
    LeaseArrived,
    OrderLander,
    PlanRead,
    PrdCommand,
    PrdEvent,
    Say,
    StartAgent,
    StartReview,
    StartVerify,
    TellWorker,
    WakeAt,
    Woken,
    WorkerRefused,
    Write,
)
from ..children.heartbeats import Watch
from ..children.program import ProgramReplacedError
from ..host import Host
from ..metrics.prd import PrdMeter
from ..plans.accepted import Accepted
from ..storage.chronicle import last_lines
from ..storage.layout import Layout
from ..storage.recollection import KINDS, payload_of, recall
from ..storage.store import Store
from .children import AlreadyStartedError, PrdChildren
from .file import PrdFile
from .first_state import Clocks, asks_at_end, prd_of, stories_of
from .hearing import heard
from .implementation_log import ImplementationLog
from .orders import Orders

REPLENISH_AFTER_S = 0.5


class PrdRun:
    """Carries out what the PRD's core wants, and tells it what happens."""

    def __init__(self, process: ChildProcess, begin: Begin) -> None:
        """Recall and begin; OSError, StoreError or MsgspecError where the state cannot be read."""
        self._process = process
        self._told = begin
        plan = self._read_plan()
        self._layout = Layout(
            repository=Path(begin.repository),
            common_dir=Path(begin.common_dir),
            state_dir=Path(begin.state_dir),
            worktrees=Path(begin.worktrees),
        )
        self._orders = Orders(begin, plan, self._layout, self._tell_context, process.extend)
        self._prd_file = PrdFile(self._layout, begin.prd_id, plan.part, process.extend)
        self._prd_file.clear()
        self._store = Store(self._layout.prd(begin.prd_id), KINDS)
        for text in self._store.mended:
            process.say(Happened(event="mended", story_id="", attempt=0, text=text))
        self._meter = PrdMeter(process, begin.prd_id, lambda: self._host.state)
        self._host: Host[Prd, PrdEvent, PrdCommand] = Host(
            self._recalled(plan),
            core.step,
            loop=process.loop,
            store=self._store,
            spawn=self._start_child,
            perform=self._perform,
            record_of=self._record_of,
            must_wait=_must_wait,
            on_message=self._on_child_message,
            words=(git_words, story_words),
            watch=Watch(from_ready=lambda child_id: child_id == GIT, patience=begin.patience),
            on_notice=self._on_notice,
        )
        self._host.on_replaced = self._say_replaced
        self._host.on_death = self._replenish_soon
        self._host.on_records = self._log.hear
        self._host.on_gone = self._meter.on_gone
        self._meter.begin()
        self._children = PrdChildren(begin, self._layout, process, self._host.processes)
        self._host.post(Begun(held=begin.held))
        self._host.turn()
        self._replenish()

    def _read_plan(self) -> Accepted:
        return msgspec.json.decode(Path(self._told.plan).read_bytes(), type=Accepted)

    def _recalled(self, plan: Accepted) -> Prd:
        """The state as the journal tells it, with the plan as it reads today."""
        known = recall(self._store.stored)
        path = self._layout.implementation_log(self._told.prd_id)
        self._log = ImplementationLog(path, known.lifespans)
        self._store.compact(payload_of(known))
        now = Clocks(now_s=self._process.loop.now_s(), wall_s=time.time())
        return prd_of(self._told, plan, known, now)

    def take_plan(self) -> None:
        """Read the plan again, because root has written it anew."""
        try:
            plan = self._read_plan()
        except (OSError, msgspec.MsgspecError) as error:
            self._on_notice("", "reload_failed", f"the plan cannot be read: {error}")
            return
        self._orders.take(plan)
        self._prd_file.take(plan)
        stories, asks = stories_of(self._told, plan), asks_at_end(self._told, plan)
        self.post(PlanRead(stories=stories, asks_at_end=asks))

    def post(self, event: PrdEvent) -> None:
        """Queue an event for the core."""
        if isinstance(event, LeaseArrived):
            self._meter.on_lease(event.lease)
        self._host.post(event)

    def turn(self) -> None:
        """Serve all events that have come; StorageFailedError ends the process."""
        self._host.turn()
        self._host.compact_if_long(lambda stored: payload_of(recall(stored)))
        self._log.write_if_stale(self._host.state, now=time.time())

    def story(self) -> list[str]:
        """What happened last, a line each, for an error that nobody expected."""
        return last_lines(self._layout, self._told.prd_id)

    # --- effects --------------------------------------------------------------------------------

    def _record_of(self, command: PrdCommand) -> object | None:
        if not isinstance(command, Write):
            return None
        self._meter.on_record(command.record)
        return command.record

    def _perform(self, command: PrdCommand) -> None:
        match command:
            case Say():
                self._meter.on_word(command.word)
                self._process.say(command.word)
            case AskGit():
                self._ask_git(command.request)
            case (
                AssignWorker()
                | StartAgent()
                | StartReview()
                | StartVerify()
                | TellWorker()
                | FinishWorker()
            ):
                self._order_worker(command)
            case AssignLander() | OrderLander():
                self._order_lander(command)
            case WakeAt():
                self._process.loop.call_at(command.at_s, lambda: self._host.post(Woken()))
            case End():
                self._end(command.exit_code)
            case Write():
                raise AssertionError("a record is no effect")
            case Spawn() | AskToStop() | Terminate() | Kill() | SetAlarm():
                self._host.perform(command)
            case _:
                assert_never(command)

    def _order_worker(
        self,
        command: AssignWorker | StartAgent | StartReview | StartVerify | TellWorker | FinishWorker,
    ) -> None:
        child_id = worker_of(command.story_id)
        if self._is_late(command):
            return  # held back by a full disk, and over meanwhile
        if isinstance(command, AssignWorker):
            self._host.heartbeats.begin(child_id)  # from here on it beats
            chance = command.is_last_chance
            self._say_who_works(child_id, command.story_id, command.attempt, is_last=chance)
        self._host.processes.send(child_id, self._orders.order(command))

    def _is_late(self, command: PrdCommand) -> bool:
        if not isinstance(command, StartAgent | StartReview):
            return False
        return not awaits_agent(self._host.state, command)

    def _order_lander(self, command: AssignLander | OrderLander) -> None:
        if isinstance(command, AssignLander):
            self._host.heartbeats.begin(LANDER)
            self._say_who_works(LANDER, LANDING_NAME, command.attempt)
        self._host.processes.send(LANDER, self._orders.lander_order(command))

    def _say_who_works(
        self, child_id: str, story_id: str, attempt: int, *, is_last: bool = False
    ) -> None:
        """Let root watch over what this worker starts."""
        identity = self._host.processes.identity_of(child_id)
        if identity is not None:
            at_work = StoryAtWork(
                story_id=story_id,
                attempt=attempt,
                pid=identity.pid,
                start_ticks=identity.start_ticks,
                is_last_chance=is_last,
            )
            self._process.say(at_work)

    def _ask_git(self, request: GitRequest) -> None:
        told = self._prd_file.in_full(request)
        if told.problem:
            self._on_notice(told.child_id, "not_marked", told.problem)
        self._meter.on_asked(told.request)
        self._host.processes.send(GIT, told.request)

    def _start_child(self, effect: Spawn) -> None:
        try:
            self._children.spawn(effect)
        except AlreadyStartedError as error:
            refused = WorkerRefused(
                story_id=story_of(effect.spec.child_id),
                incarnation=effect.incarnation,
                text=str(error),
            )
            self._host.post(refused)
            return
        self._replenish_soon()

    def _say_replaced(self) -> None:
        self._process.say(ProgramReplaced())

    def _replenish_soon(self) -> None:
        # Spares start when those that start just now no longer need the processor.
        self._process.loop.call_at(self._process.loop.now_s() + REPLENISH_AFTER_S, self._replenish)

    def _replenish(self) -> None:
        prd = self._host.state
        if prd.phase in {PrdPhase.OPENING, PrdPhase.RUNNING}:
            # Short of processes: a worker will start cold, or the tree end.
            with contextlib.suppress(OSError, ProgramReplacedError):
                wanted = spares_wanted(waiting(prd), len(running(prd)), prd.limits.max_workers)
                self._children.keep_spares(wanted)

    def _end(self, exit_code: int) -> None:
        self._prd_file.clear()
        with contextlib.suppress(OSError):  # on a full disk the branch's trailers must do
            self._store.flush()
        self._log.write_end(self._host.state, now=time.time())
        self._meter.say()
        self._process.end(exit_code)

    # --- what the children say ------------------------------------------------------------------

    def _tell_context(self, story_id: str, text: str) -> None:
        self._on_notice(worker_of(story_id), "context_read", text)

    def _on_notice(self, child_id: str, event: str, text: str) -> None:
        self._host.post(Noticed(child_id=child_id, event=event, text=text))

    def _on_child_message(self, child_id: str, incarnation: int, message: object) -> None:
        event = heard(child_id, incarnation, message, self._prd_file)
        if isinstance(event, GitSaid):
            self._meter.on_answered()
        self._host.post(event)


def _must_wait(command: PrdCommand) -> bool:
    """Say whether this may only happen once the records before it are durable."""
    if isinstance(command, AskGit):
        return isinstance(command.request, PublishTrain | RollBack | Land)
    if isinstance(command, Say):  # else root forgets what we did not keep
        return isinstance(command.word, AnswerTaken)
    return isinstance(command, Spawn | StartAgent | StartReview)
