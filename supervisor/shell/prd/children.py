"""How a PRD supervisor starts its children: the integrator, story workers, and spares."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import assert_never

from ....policies.supervising.spec import ChildKind
from ....workers import spawn_targets
from ....workers.messages.prd import Begin
from ....workers.messages.rules import Rules
from ....workers.process.entry import ChildProcess
from ...core.otp.commands import Spawn
from ...core.prd.landing.landing_state import LANDER
from ...core.prd.state import story_of
from ..children.processes import Processes
from ..children.program import Program
from ..children.spares import Spares
from ..storage.layout import Layout
from ..storage.locks import LockBusyError, lock_for_child

GIT_MAY_FINISH_S = 0.5  # what an integrator that was killed leaves behind is a git command


class AlreadyStartedError(Exception):
    """Something of an earlier attempt holds the story's lock: nothing is started beside it."""


class PrdChildren:
    """Starts them, in the repository that root has named."""

    def __init__(
        self, told: Begin, layout: Layout, process: ChildProcess, processes: Processes
    ) -> None:
        self._told = told
        self._layout = layout
        self._process = process
        self._processes = processes
        self._program = Program()
        self._spares = Spares(processes, self._start_worker)

    def spawn(self, effect: Spawn) -> None:
        """Start a child; AlreadyStartedError, ProgramReplacedError or OSError if that cannot be."""
        match effect.spec.kind:
            case ChildKind.GIT:
                self._start_integrator(effect)
            case ChildKind.STORY:
                self._become_worker(effect)
            case ChildKind.PRD:
                raise AssertionError("a PRD supervisor starts no PRD")
            case _:
                assert_never(effect.spec.kind)

    def keep_spares(self, wanted: int) -> None:
        """Keep so many story workers warm."""
        self._spares.keep(wanted)

    def _start_integrator(self, effect: Spawn) -> None:
        self._program.require()
        told = self._told
        places = (told.repository, told.worktrees, told.prd_id, str(self._layout.git_lock))
        rules = Rules(worktree=told.worktree, secrets=told.secrets, merging=told.merging)
        arguments = (self._process.pid, f"git {told.prd_id}", places, rules, told.crash_log)
        self._processes.spawn(
            effect.spec.child_id,
            effect.incarnation,
            spawn_targets.integrator,
            arguments,
            strays_live_s=GIT_MAY_FINISH_S,
        )

    def _become_worker(self, effect: Spawn) -> None:
        child_id = effect.spec.child_id
        place = self._lock_of(child_id)
        try:
            lock = lock_for_child(place)
        except LockBusyError as error:  # OTP: already_started
            raise AlreadyStartedError(f"an earlier attempt still lives: {error}") from error
        self._spares.become(child_id, effect.incarnation, lock)

    def _lock_of(self, child_id: str) -> Path:
        prd_id = self._told.prd_id
        if child_id == LANDER:
            return self._layout.landing(prd_id) / "lock"
        return self._layout.story_lock(prd_id, story_of(child_id))

    def _start_worker(self, child_id: str, incarnation: int, door: Connection) -> None:
        self._program.require()
        told = self._told
        arguments = (door, self._process.pid, f"spare {told.prd_id}", told.crash_log)
        self._processes.spawn(child_id, incarnation, spawn_targets.story, arguments)
