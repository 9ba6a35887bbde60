"""The PRD supervisor's process: its life, and its pipe to root."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import NoReturn

import msgspec

from ....policies.supervising.shutdown import Deadline
from ....workers.messages.approval import Answer
from ....workers.messages.budget import BudgetReleased, RunSpent
from ....workers.messages.common import Stop
from ....workers.messages.gate import AgentsClosed
from ....workers.messages.pace import PlacesChanged
from ....workers.messages.pipe_to_prd import WORDS
from ....workers.messages.prd import (
    Begin,
    EndAttempt,
    Happened,
    Hold,
    LeaseGranted,
    LimitStoryCpu,
    PlanChanged,
    PrdEnded,
    Release,
    Retry,
    StoryElsewhere,
)
from ....workers.process.entry import ChildProcess
from ...core.prd.ending import BURNT_OUT
from ...core.prd.words import LeaseArrived, PrdEvent, PrdStopRequested, RootSaid
from ..host import StorageFailedError
from ..shortages import FULL, PASSING
from ..storage.chronicle import story_in_errors
from ..storage.found import StoreError
from ..storage.migrations.registered import STATE
from .run import PrdRun


def main(connection: Connection, parent_pid: int, prd_id: str, crash_log: str) -> None:
    """Be the supervisor of one PRD."""
    process = ChildProcess(f"prd {prd_id}", connection, parent_pid, crash_log, *WORDS)
    PrdProcess(process).serve()


class PrdProcess:
    """Waits for root to name its PRD, then serves it until the process ends."""

    def __init__(self, process: ChildProcess) -> None:
        self._process = process
        self._run: PrdRun | None = None
        process.on_message = self._on_root_message

    def serve(self) -> None:
        """Serve until the process ends."""
        self._process.say_ready()
        self._process.start_beating()
        try:
            with story_in_errors(lambda: self._run.story() if self._run is not None else []):
                while True:
                    self._process.loop.run_once()
                    if self._run is not None:
                        self._run.turn()
        except StorageFailedError as error:
            self._fail(str(error))

    def _fail(self, why: str) -> NoReturn:
        """End abnormally, and say why: our supervisor decides whether somebody tries again."""
        self._process.say(Happened(event="prd_failing", story_id="", attempt=0, text=why))
        self._process.end(BURNT_OUT)

    def _on_root_message(self, message: object) -> None:
        if isinstance(message, Begin):
            self._begin_or_give_up(message)
        elif self._run is None:
            raise AssertionError(f"a PRD supervisor was told {message!r} before its PRD")
        elif isinstance(message, PlanChanged):
            self._run.take_plan()
        else:
            self._run.post(_event_of(message))

    def _begin_or_give_up(self, begin: Begin) -> None:
        """A state that cannot be read would not be read by a successor either: no restart."""
        if begin.state != STATE:  # upgraded just now: root will see it before it starts another one
            self._fail(f"root writes state {begin.state}, this version {STATE}")
        try:
            self._run = PrdRun(self._process, begin)
        except (OSError, StoreError, msgspec.MsgspecError) as error:
            if isinstance(error, OSError) and error.errno in PASSING | FULL:
                self._fail(f"cannot begin: {error}")  # a successor may fare better
            self._process.say(PrdEnded(state="failed", reasons=(f"cannot begin: {error}",)))
            self._process.end(0)


def _event_of(message: object) -> PrdEvent:
    match message:
        case LeaseGranted():
            return LeaseArrived(lease=message.lease, agent=message.agent)
        case (
            Hold()
            | Release()
            | Retry()
            | EndAttempt()
            | LimitStoryCpu()
            | StoryElsewhere()
            | PlacesChanged()
            | AgentsClosed()
            | BudgetReleased()
            | RunSpent()
            | Answer()
        ):
            return RootSaid(order=message)
        case Stop():
            deadline = Deadline(at_s=message.deadline_s, grace_s=message.grace_s)
            return PrdStopRequested(deadline=deadline)
        case _:
            raise AssertionError(f"a PRD supervisor was told {message!r}")
