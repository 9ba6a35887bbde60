"""A machine: what the product's modules get in place of the system, and how processes start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import msgspec

from prd_supervise.policies.accounts.gate_rules import GateRules
from prd_supervise.policies.supervising.liveness import BEAT_S, Patience
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.shell.children import heartbeats, program, spares, spawning
from prd_supervise.supervisor.shell.prd import children as prd_children
from prd_supervise.supervisor.shell.prd import process as prd_process
from prd_supervise.supervisor.shell.prd import run as prd_run
from prd_supervise.supervisor.shell.storage import locks, store
from prd_supervise.supervisor.shell.storage.recollection import KINDS, Recollection, recall
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.rules import MergeRules
from prd_supervise.workers.process import descendants, entry
from tests.simulation import actors
from tests.simulation.actors import Nature
from tests.simulation.disk import Disk, SimPath
from tests.simulation.facade import (
    SimConnection,
    SimSignal,
    SimTime,
    process_table,
    select_module,
    selectors_module,
)
from tests.simulation.kernel import Kernel
from tests.simulation.people import People
from tests.simulation.sim_os import SimOs
from tests.simulation.things import End, Open

GRACE_S = 10.0
STATE = "/state"
PLANS = "/plans/"
HOUSES = ("prd_supervise.workers.", "prd_supervise.supervisor.shell.")


class Person(Protocol):
    """Somebody who looks after the night."""

    def sit_down(self, host: Any) -> None:  # noqa: ANN401  root's, whose types stand there
        """Look at root from time to time, as long as it lives."""


class Machine:
    """A kernel, a disk, and what outlives them."""

    def __init__(self, kernel: Kernel, disk: Disk, plans: dict[str, Plan]) -> None:
        self.kernel = kernel
        self.disk = disk
        self.plans = plans
        self.nature = Nature(kernel, plans)
        self.max_prds = 2
        self.leases = 2
        self.agents = AgentRules(specs=(AgentSpec(name="replay"),))
        self.gates: GateRules | None = None  # None: as `agents` has it, with no bounds
        self.person: Person | None = None  # somebody who looks after the night
        self.people: People | None = None  # who have the word
        self.beat_s = BEAT_S
        self.limits: dict[str, Limits] = {}  # of a PRD, where they are not as always
        self.merging: dict[str, MergeRules] = {}
        self.os = SimOs(kernel, disk, {"PATH": "/bin"})
        self.signal = SimSignal(kernel)
        self.time = SimTime(kernel)
        self.retry = False
        self.root_grace_s = GRACE_S

    @property
    def patience(self) -> Patience:
        """How long a child may be silent, in as many beats as ever."""
        usual, by = Patience(), self.beat_s / BEAT_S
        return Patience(
            warn_s=usual.warn_s * by,
            dump_s=usual.dump_s * by,
            terminate_s=usual.terminate_s * by,
            kill_s=usual.kill_s * by,
        )

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
        if self.beat_s != BEAT_S:
            yield entry, "BEAT_S", self.beat_s
            yield prd_run, "Watch", partial(heartbeats.Watch, beat_s=self.beat_s)
        yield entry, "_dump_stacks_to", lambda _: None
        yield entry, "go_before_parent", lambda: None
        yield heartbeats, "read_pressure", lambda: None
        yield program, "_stamps", lambda _: ()  # it is the same all night
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
        yield prd_run, "Store", self.store
        yield prd_run, "Path", self._path

    def store(self, folder: object, kinds: Any) -> store.Store:  # noqa: ANN401  types
        """Open a store on the simulated disk."""
        return store.Store(SimPath(self.disk, str(folder)), kinds)  # type: ignore[arg-type]  # a Path in all that it uses

    def recalled(self, prd_id: str) -> Recollection:
        """What a PRD's journal tells to somebody who only reads it."""
        folder = SimPath(self.disk, f"{STATE}/prds/{prd_id}")
        return recall(store.read(folder, KINDS))  # type: ignore[arg-type]  # as above

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


def a_plan(prd_id: str, stories: Sequence[PlannedStory]) -> Plan:
    """A PRD of these stories, the most urgent first."""
    stories = tuple(replace(each, rank=float(number)) for number, each in enumerate(stories))
    return Plan(prd_id=prd_id, title=prd_id, path=f"/repo/{prd_id}.json", stories=stories)
