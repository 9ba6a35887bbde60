"""The tree on the simulated kernel: real supervisors, loops, pipes and journals; and its root."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from prd_supervise.policies.admission import Leases
from prd_supervise.policies.shutdown import deadline_from
from prd_supervise.policies.spec import Backoff, Intensity
from prd_supervise.supervisor.core import root as root_core
from prd_supervise.supervisor.core.commands import Spawn
from prd_supervise.supervisor.core.root_state import Entry, Root, remember
from prd_supervise.supervisor.core.root_words import (
    EndRoot,
    GrantLease,
    Held,
    PrdAccepted,
    PrdSaid,
    PrdsSubmitted,
    PrdState,
    Released,
    RootCommand,
    RootEvent,
    RootStopRequested,
    WriteRoot,
)
from prd_supervise.supervisor.core.supervisor_state import Supervisor
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.shell import (
    heartbeats,
    host,
    locks,
    prd_children,
    prd_process,
    spares,
    spawn_targets,
    spawning,
    store,
)
from prd_supervise.supervisor.shell.beginnings import Beginnings
from prd_supervise.supervisor.shell.offline import ROOT_KINDS, root_payload, root_records
from prd_supervise.workers import descendants, entry, eventloop
from prd_supervise.workers.messages import prd as prd_words
from prd_supervise.workers.messages.prd import Begin, LeaseGranted, Limits, PrdWord
from prd_supervise.workers.messages.story import AgentSpec
from tests.simulation import actors
from tests.simulation.actors import Nature
from tests.simulation.disk import Disk, SimPath
from tests.simulation.facade import (
    SimConnection,
    SimOs,
    SimSignal,
    SimTime,
    process_table,
    select_module,
    selectors_module,
)
from tests.simulation.kernel import End, Kernel, Open, Proc

LIMITS = Limits(intensity=4, period_s=30.0, backoff_base_s=0.1, backoff_cap_s=1.0)
STRAYS_LIVE_S = 0.5
GRACE_S = 10.0
SWEEP_S = 5.0
STATE = "/state"
PLANS = "/plans/"
HOUSES = ("prd_supervise.workers.", "prd_supervise.supervisor.shell.")


class Machine:
    """A kernel, a disk, and what outlives them."""

    def __init__(self, kernel: Kernel, disk: Disk, plans: dict[str, Plan]) -> None:
        self.kernel = kernel
        self.disk = disk
        self.plans = plans
        self.nature = Nature(kernel)
        self.os = SimOs(kernel, disk, {"PATH": "/bin"})
        self.signal = SimSignal(kernel)
        self.time = SimTime(kernel)
        self.retry = False
        self.root_grace_s = GRACE_S

    # --- what the product's modules get instead of the system's ---------------------------------

    def replacements(self) -> Iterator[tuple[Any, str, object]]:
        """Everything that is put into the product's modules."""
        ours: dict[str, object] = {
            "os": self.os,
            "signal": self.signal,
            "time": self.time,
            "select": select_module(self.kernel),
            "selectors": selectors_module(self.kernel),
        }
        for house, module in tuple(sys.modules.items()):
            if house.startswith(HOUSES):
                for name, fake in ours.items():
                    if getattr(module, name, None) is sys.modules[name]:
                        yield module, name, fake
        for name, read in process_table(self.kernel).items():
            yield descendants, name, read
        yield entry, "setproctitle", SimpleNamespace(setproctitle=self._rename)
        prctl = SimpleNamespace(prctl=self._prctl)
        yield entry, "ctypes", SimpleNamespace(CDLL=lambda _: prctl)
        yield entry, "_dump_stacks_to", lambda _: None
        yield heartbeats, "read_pressure", lambda: None
        yield spawning, "_context", SimpleNamespace(Pipe=self._pipe, Process=self._process)
        tracker = SimpleNamespace(_pid=None)
        yield (
            spawning,
            "resource_tracker",
            SimpleNamespace(_resource_tracker=tracker, ensure_running=lambda: None),
        )
        yield prd_children, "lock_for_child", self._lock
        yield spares, "make_door", self._make_door
        yield spares, "give", self._give
        yield prd_process, "Store", self.store
        yield prd_process, "Path", self._path

    def store(self, folder: object, kinds: Any) -> store.Store:  # noqa: ANN401  types
        """Open a store on the simulated disk."""
        return store.Store(SimPath(self.disk, str(folder)), kinds)  # type: ignore[arg-type]  # a Path in all that it uses

    def _path(self, text: str) -> object:
        """A path; plans are no files here."""
        if not text.startswith(PLANS):
            return Path(text)
        plan = self.plans[text.removeprefix(PLANS)]
        return SimpleNamespace(read_bytes=lambda: msgspec.json.encode(plan))

    def _rename(self, title: str) -> None:
        words = title.removeprefix("prd-supervise: ").split(" ", 1)
        proc = self.kernel.running()
        proc.role, proc.about = words[0], tuple(words[1].split("/")) if len(words) > 1 else ()

    def _prctl(self, option: int, value: int, *_: int) -> None:
        proc = self.kernel.call()
        if option == 1:
            proc.death_signal = value
        else:
            proc.is_subreaper = bool(value)

    def _pipe(self, *, duplex: bool) -> tuple[SimConnection, SimConnection]:  # noqa: ARG002
        left, right = self.kernel.pair()
        return self._connection(left), self._connection(right)

    def _connection(self, what: Open) -> SimConnection:
        return SimConnection(self.kernel, self.kernel.open(self.kernel.call(), what))

    def _process(self, *, target: Any, args: tuple[Any, ...]) -> SimProcess:  # noqa: ANN401
        return SimProcess(self, target.__name__, args)

    def _lock(self, path: Path) -> SimConnection:
        held = self.nature.locks.get(str(path))
        if held is not None and held.holders > 0:
            raise locks.LockBusyError("somebody")
        lock = self.nature.locks[str(path)] = Open()
        return self._connection(lock)

    def _make_door(self) -> tuple[SimConnection, SimConnection]:
        return self._pipe(duplex=True)

    def _give(self, door: SimConnection, lock: SimConnection) -> None:
        proc = self.kernel.call()
        end, what = proc.fds[door.number], proc.fds[lock.number]
        assert isinstance(end, End)
        if end.peer is not None and not end.peer.is_gone:
            end.peer.lock = what
            what.holders += 1
        door.close()


class SimProcess:
    """A multiprocessing.Process by spawn."""

    def __init__(self, machine: Machine, target: str, arguments: tuple[Any, ...]) -> None:
        self.pid: int | None = None
        self._machine = machine
        self._target = target
        self._arguments = arguments

    def start(self) -> None:
        """Start it, unless the system has no room."""
        kernel = self._machine.kernel
        ours = kernel.call()
        if kernel.spawns_fail > 0:
            kernel.spawns_fail -= 1
            raise BlockingIOError(11, "no more processes")
        fds = {
            each.number: ours.fds[each.number]
            for each in self._arguments
            if isinstance(each, SimConnection)
        }
        given = [
            SimConnection(kernel, each.number) if isinstance(each, SimConnection) else each
            for each in self._arguments
        ]
        mains: dict[str, Callable[..., None]] = {
            "prd": prd_process.main,
            "story": partial(actors.story, self._machine.nature),
            "integrator": partial(actors.integrator, self._machine.nature),
        }
        born = kernel.start(self._target, ours.pid, partial(mains[self._target], *given), (), fds)
        born.blocked = set(ours.blocked)
        self.pid = born.pid
        kernel.call()


class RootProcess:
    """Root: its core, its host and its journal; what is for people is left out."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._exit_code: int | None = None
        self._beginnings = Beginnings()

    def main(self) -> None:
        """Live."""
        machine = self._machine
        entry.become("root")
        loop = eventloop.EventLoop()
        loop.on_signals({signal.SIGTERM: self._on_stop})
        self._sweep()
        self._store = machine.store(STATE, ROOT_KINDS)
        records = root_records(self._store.stored)
        self._store.compact(root_payload(records))
        entries: tuple[Entry, ...] = ()
        for record, _ in records:
            if not isinstance(record, Held | Released):
                entries = remember(entries, record)
        self._host: host.Host[Root, RootEvent, RootCommand] = host.Host(
            Root(
                supervisor=Supervisor(
                    intensity=Intensity(max_restarts=10, period_s=60.0),
                    backoff=Backoff(base_s=0.1, cap_s=1.0),
                ),
                leases=Leases(limit=2),
                max_prds=2,
                grace_s=machine.root_grace_s,
            ),
            root_core.step,
            loop=loop,
            store=self._store,
            spawn=self._spawn,
            perform=self._perform,
            record_of=self._record_of,
            must_wait=lambda command: isinstance(command, Spawn),
            on_message=self._on_word,
            words=(prd_words,),
            watch=heartbeats.Watch(from_ready=lambda _: True),
        )
        done = {each.prd_id for each in entries if each.state is PrdState.COMPLETED}
        wanted = tuple(
            PrdAccepted(prd_id=prd_id, title="", path="", base="base", retry=machine.retry)
            for prd_id in machine.plans
            if prd_id not in done
        )
        self._host.post(PrdsSubmitted(prds=wanted))
        self._host.turn()
        while self._exit_code is None:
            self._host.run_once()
        self._host.processes.end_strays(STRAYS_LIVE_S)
        self._store.close()
        machine.os._exit(self._exit_code)

    def _sweep(self) -> None:
        kernel = self._machine.kernel
        deadline_s = kernel.now_s + SWEEP_S
        while others := [each for each in kernel.procs.values() if each.role != "root"]:
            for each in others:
                kernel.kill(each, signal.SIGKILL)
            if kernel.now_s > deadline_s:
                break
            self._machine.time.sleep(0.02)

    def _on_stop(self) -> None:
        machine = self._machine
        now_s = machine.kernel.now_s
        self._host.post(RootStopRequested(deadline=deadline_from(now_s, machine.root_grace_s)))

    def _record_of(self, command: RootCommand) -> object | None:
        if not isinstance(command, WriteRoot):
            return None
        self._beginnings.on_record(command.record)
        return command.record

    def _perform(self, command: RootCommand) -> None:
        match command:
            case GrantLease():
                self._host.processes.send(command.prd_id, LeaseGranted(lease=command.lease))
            case EndRoot():
                self._exit_code = command.exit_code
            case _ if type(command).__name__ == "Announce":
                pass
            case _:
                self._host.perform(command)  # type: ignore[arg-type]  # what is left is any supervisor's

    def _spawn(self, effect: Spawn) -> None:
        prd_id, kernel = effect.spec.child_id, self._machine.kernel
        arguments = (kernel.running().pid, prd_id, "/crash.log")
        self._host.processes.spawn(
            prd_id,
            effect.incarnation,
            spawn_targets.prd,
            arguments,
            strays_live_s=STRAYS_LIVE_S,
        )
        is_first, after_crash = self._beginnings.take(prd_id)
        entry_ = self._host.state.entry(prd_id)
        retry = entry_ is not None and entry_.accepted.retry
        self._host.processes.send(
            prd_id,
            Begin(
                prd_id=prd_id,
                plan=f"{PLANS}{prd_id}",
                repository="/repo",
                common_dir="/repo/.git",
                state_dir=STATE,
                crash_log="/crash.log",
                worktrees="/worktrees",
                base="base",
                adopt_branch=False,
                marker="m",
                limits=LIMITS,
                agent=AgentSpec(name="replay"),
                verify=("make test",),
                verify_env=(),
                retry=retry and is_first,
                after_crash=after_crash,
            ),
        )

    def _on_word(self, prd_id: str, incarnation: int, message: object) -> None:
        assert isinstance(message, PrdWord), f"{prd_id} said {message!r}"
        self._host.post(PrdSaid(prd_id=prd_id, incarnation=incarnation, word=message))


def start_root(machine: Machine) -> Proc:
    """What a person does: start or resume."""
    root = machine.kernel.start("root", 1, RootProcess(machine).main)
    root.role = "root"
    return root


@contextmanager
def installed(machine: Machine) -> Iterator[None]:
    """Let the product's modules see the simulation in place of the system."""
    before: list[tuple[Any, str, object]] = []
    try:
        for owner, name, fake in machine.replacements():
            before.append((owner, name, getattr(owner, name)))
            setattr(owner, name, fake)
        yield
    finally:
        for owner, name, real in reversed(before):
            setattr(owner, name, real)


def a_plan(prd_id: str, needs: dict[str, tuple[str, ...]]) -> Plan:
    """A PRD of these stories, each with those that it needs."""
    stories = tuple(
        PlannedStory(story_id=name, title=name, rank=float(number), depends_on=of)
        for number, (name, of) in enumerate(needs.items())
    )
    return Plan(prd_id=prd_id, title=prd_id, path=f"/repo/{prd_id}.json", stories=stories)
