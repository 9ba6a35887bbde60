"""A supervisor of real processes without a PRD around it: the core, the host, and light children.

It lives in a process of its own, as what it does to signals and orphans is for life.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import Backoff, ChildKind, ChildSpec, Flags
from prd_supervise.supervisor.core.otp import queries
from prd_supervise.supervisor.core.otp import supervisor as core
from prd_supervise.supervisor.core.otp.commands import (
    Answered,
    ChildEnded,
    ChildRestarting,
    Command,
    Effect,
    Spawn,
    SupervisorEnded,
    SupervisorStarted,
)
from prd_supervise.supervisor.core.otp.events import StartRequested, StopRequested, SupervisorEvent
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.shell.host import Host
from prd_supervise.supervisor.shell.storage.store import Store
from prd_supervise.workers.messages import story
from prd_supervise.workers.messages.common import Stop
from prd_supervise.workers.process.entry import ChildProcess
from prd_supervise.workers.process.eventloop import EventLoop
from tests.support import real_child
from tests.support.otp_words import a_spec, flags

WITHIN_S = 150.0
BURNT_OUT = 70


@dataclass
class Plan:
    """What a supervisor starts: for a child that is one itself, its plan."""

    flags: Flags = field(default_factory=flags)
    children: tuple[str, ...] = ()
    inner: dict[str, Plan] = field(default_factory=dict)
    waits_for: dict[str, str] = field(default_factory=dict)  # what file, before it stops
    backoff_s: float = 0.05


class RealSup:
    """Hears the world through the host; what it says is kept."""

    def __init__(self, folder: str, plan: Plan, loop: EventLoop, name: str = "top") -> None:
        self.folder, self.plan, self.loop = folder, plan, loop
        self.answers: dict[str, Answered] = {}
        self.ended: SupervisorEnded | None = None
        self.on_started: Callable[[], None] = lambda: None
        self.on_ended: Callable[[SupervisorEnded], None] = lambda _ended: None
        state = Supervisor(
            intensity=plan.flags.intensity,
            strategy=plan.flags.strategy,
            auto_shutdown=plan.flags.auto_shutdown,
            template=plan.flags.template,
            backoff=Backoff(base_s=plan.backoff_s, cap_s=plan.backoff_s),
        )
        self.host: Host[Supervisor, SupervisorEvent, Command] = Host(
            state,
            core.step,
            loop=loop,
            store=Store(Path(folder, f"state-{name}-{os.getpid()}"), ()),
            spawn=self._spawn,
            perform=self._perform,
            record_of=lambda _command: None,
            must_wait=lambda _command: False,
            on_message=lambda _child, _incarnation, _message: None,
            words=(story,),
        )
        specs = tuple(self.spec(name) for name in plan.children)
        self.host.post(StartRequested(specs=specs))

    def spec(self, name: str) -> ChildSpec:
        """The spec of one of its children."""
        kind = ChildKind.PRD if name in self.plan.inner else ChildKind.STORY
        return a_spec(name, shutdown_s=5.0, kind=kind)

    # --- for those who watch ----------------------------------------------------------------------

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Serve until this holds."""
        deadline_s = self.loop.now_s() + WITHIN_S
        self.host.turn()
        while not holds():
            assert self.loop.now_s() < deadline_s, f"that never came: {self.log()} {self.which()}"
            self.loop.call_at(self.loop.now_s() + 0.05, lambda: None)
            self.host.run_once()

    def ask(self, event: SupervisorEvent) -> Answered:
        """Ask, and serve until that is answered; the request is called `ask`."""
        self.answers.pop("ask", None)
        self.host.post(event)
        self.wait_until(lambda: "ask" in self.answers)
        return self.answers["ask"]

    def stop(self) -> None:
        """Stop it all, and serve until it is over."""
        self.host.post(StopRequested(deadline=deadline_from(self.loop.now_s(), 20.0)))
        self.wait_until(lambda: self.ended is not None)

    def kill(self, name: str, number: int) -> int:
        """Signal a child; say which process that was."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def pid(self, name: str) -> int:
        """The pid of a living child."""
        pid = self.host.processes.pid_of(name)
        assert pid is not None, f"{name} does not live"
        return pid

    def which(self) -> dict[str, str]:
        """The phase of each child."""
        found = queries.which_children(self.host.state)
        return {info.child_id: info.phase.value for info in found}

    def are_up(self, *names: str) -> bool:
        """Say whether these children run."""
        which = self.which()
        return all(which.get(name) == "running" for name in names)

    def log(self) -> list[str]:
        """Who came up and went down, in order, without pids; also below the children."""
        return [line.split()[0] for line in read_log(self.folder)]

    # --- the shell --------------------------------------------------------------------------------

    def _spawn(self, effect: Spawn) -> None:
        name, processes = effect.spec.child_id, self.host.processes
        inner = self.plan.inner.get(name)
        if inner is None:
            arguments = (self.folder, name, self.plan.waits_for.get(name, ""))
            processes.spawn(name, effect.incarnation, real_child.obey, arguments)
        else:
            places = (os.getpid(), self.folder, name, inner)
            processes.spawn(name, effect.incarnation, serve, places)

    def _perform(self, command: Command) -> None:
        match command:
            case Answered():
                self.answers[command.request] = command
            case SupervisorStarted():
                self.on_started()
            case SupervisorEnded():
                self.ended = command
                self.on_ended(command)
            case ChildRestarting() | ChildEnded():
                real_child.note(self.folder, f"-{command.child_id} {command.reason.detail}")
            case _ if isinstance(command, Effect):
                self.host.perform(command)
            case _:
                pass


def serve(connection: Connection, parent_pid: int, folder: str, name: str, plan: Plan) -> None:
    """Be a supervisor that is a child itself."""
    process = ChildProcess(name, connection, parent_pid, str(Path(folder, "crash.log")), story)
    sup = RealSup(folder, plan, process.loop, name)

    def on_message(message: object) -> None:
        if isinstance(message, Stop):
            deadline = deadline_from(process.loop.now_s(), message.grace_s)
            sup.host.post(StopRequested(deadline=deadline))

    def on_started() -> None:
        real_child.note(folder, f"+{name} {os.getpid()}")
        process.say_ready()

    sup.on_started = on_started
    sup.on_ended = lambda ended: process.end(BURNT_OUT if ended.burnt_out else 0)
    process.on_message = on_message
    while True:
        sup.host.turn()
        process.loop.run_once()


def read_log(folder: str) -> list[str]:
    """The lines of the common log."""
    place = Path(folder, "log")
    return place.read_text().splitlines() if place.exists() else []
