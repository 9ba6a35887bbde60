"""The root of a simulated tree: its core, its host and its journal, on a machine."""

from __future__ import annotations

import signal

from prd_supervise.policies.accounts.gate_rules import GateRules
from prd_supervise.policies.scheduling.admission import Leases
from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import Backoff, Intensity
from prd_supervise.supervisor.core.otp.commands import Spawn
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.root import step as root_core
from prd_supervise.supervisor.core.root.gates import Gates
from prd_supervise.supervisor.core.root.needs import Needs
from prd_supervise.supervisor.core.root.records import (
    AccountRecord,
    AnswerRecord,
    BootSeen,
    HoldRecord,
    InteractiveSet,
    PrdAccepted,
    PrdState,
)
from prd_supervise.supervisor.core.root.state import Entry, Root, remember
from prd_supervise.supervisor.core.root.words import (
    EndRoot,
    GrantLease,
    PassOn,
    PrdSaid,
    PrdsSubmitted,
    RootCommand,
    RootEvent,
    RootStopRequested,
    ScopesRead,
    TellMeeting,
    WatchClock,
    WriteRoot,
)
from prd_supervise.supervisor.shell import host
from prd_supervise.supervisor.shell.children import heartbeats
from prd_supervise.supervisor.shell.root import spawn_targets
from prd_supervise.supervisor.shell.root.beginnings import Beginnings
from prd_supervise.supervisor.shell.root.clock import WallClock
from prd_supervise.supervisor.shell.root.overlaps import table_of
from prd_supervise.supervisor.shell.storage.migrations.registered import STATE as STATE_NUMBER
from prd_supervise.supervisor.shell.storage.offline import (
    ROOT_KINDS,
    accounts_of,
    answers_of,
    root_payload,
    root_records,
)
from prd_supervise.workers.messages import figures as figure_words
from prd_supervise.workers.messages import prd as prd_words
from prd_supervise.workers.messages.figures import Measured
from prd_supervise.workers.messages.gate import AgentRefused, AgentStrained
from prd_supervise.workers.messages.prd import (
    Begin,
    LeaseGranted,
    Limits,
    PrdReport,
    PrdWord,
)
from prd_supervise.workers.messages.rules import MergeRules, Strategy
from prd_supervise.workers.process import entry, eventloop
from tests.simulation.machine import PLANS, STATE, Machine
from tests.simulation.things import Proc

LIMITS = Limits(intensity=4, period_s=30.0, backoff_base_s=0.1, backoff_cap_s=1.0)
NOT_OF_PRDS = HoldRecord | AccountRecord | AnswerRecord | InteractiveSet | BootSeen
STRAYS_LIVE_S = 0.5
SWEEP_S = 5.0
INTENSITY = Intensity(max_restarts=6, period_s=60.0)


class RootProcess:
    """Root: its core, its host and its journal; what is for people is left out."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._exit_code: int | None = None
        self._beginnings = Beginnings()
        self._restarted_at_s: list[float] = []

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
            if not isinstance(record, NOT_OF_PRDS):
                entries = remember(entries, record)
        self._host: host.Host[Root, RootEvent, RootCommand] = host.Host(
            Root(
                supervisor=Supervisor(
                    intensity=INTENSITY,
                    backoff=Backoff(base_s=0.1, cap_s=1.0),
                ),
                leases=Leases(limit=machine.leases),
                max_prds=machine.max_prds,
                answers=answers_of(records),
                needs=Needs(done_before=self._done_before(entries)),
                grace_s=machine.root_grace_s,
                gates=Gates(
                    rules=machine.gates or GateRules(use=machine.agents.spec().name),
                    accounts=accounts_of(records),
                    epoch_s=machine.time.time() - machine.time.monotonic(),
                ),
            ),
            root_core.step,
            loop=loop,
            store=self._store,
            spawn=self._spawn,
            perform=self._perform,
            record_of=self._record_of,
            must_wait=lambda command: isinstance(command, Spawn),
            on_message=self._on_word,
            words=(prd_words, figure_words),
            watch=heartbeats.Watch(
                from_ready=lambda _: True, beat_s=machine.beat_s, patience=machine.patience
            ),
        )
        done = {each.prd_id for each in entries if each.state is PrdState.COMPLETED}
        wanted = tuple(
            PrdAccepted(prd_id=prd_id, title="", path="", base="base", retry=machine.retry)
            for prd_id in machine.plans
            if prd_id not in done
        )
        table = table_of(machine.plans.values(), dict.fromkeys(machine.plans, Strategy.NONE))
        self._clock = WallClock(loop, self._host.post)
        self._host.post(PrdsSubmitted(prds=wanted))
        self._clock.see()
        if machine.person is not None:
            machine.person.sit_down(self._host)
        if machine.people is not None:
            machine.people.sit_down(self._host)
        self._host.post(ScopesRead(table=table))
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
        now_s = machine.time.monotonic()
        self._host.post(RootStopRequested(deadline=deadline_from(now_s, machine.root_grace_s)))

    def _record_of(self, command: RootCommand) -> object | None:
        if not isinstance(command, WriteRoot):
            return None
        self._beginnings.on_record(command.record)
        return command.record

    def _done_before(self, entries: tuple[Entry, ...]) -> frozenset[str]:
        """As the board tells it to root."""
        complete = {each.prd_id for each in entries if each.state is PrdState.COMPLETED}
        known = {prd_id: self._machine.recalled(prd_id) for prd_id in self._machine.plans}
        return frozenset(
            f"{prd_id}/{story.story_id}"
            for prd_id, plan in self._machine.plans.items()
            for story in plan.stories
            if prd_id in complete
            or (
                known[prd_id].stories[story.story_id].state is StoryState.DONE
                and not known[prd_id].is_rolled_back
            )
        )

    def _perform(self, command: RootCommand) -> None:
        match command:
            case GrantLease():
                if command.agent:
                    self._machine.nature.accounts.granted(command.agent)
                self._host.processes.send(
                    command.prd_id, LeaseGranted(lease=command.lease, agent=command.agent)
                )
            case PassOn():
                self._host.processes.send(command.prd_id, command.order)
            case EndRoot():
                self._exit_code = command.exit_code
            case WatchClock():
                self._clock.watch(command.until_s)
            case TellMeeting():
                pass
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
        if after_crash:
            self._check_intensity(kernel.now_s)
        entry_ = self._host.state.entry(prd_id)
        retry = entry_ is not None and entry_.accepted.retry
        self._host.processes.send(
            prd_id,
            Begin(
                state=STATE_NUMBER,
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
                limits=self._machine.limits.get(prd_id, LIMITS),
                merging=self._machine.merging.get(prd_id, MergeRules()),
                approve=() if self._machine.people is None else self._machine.people.points(prd_id),
                base_branch="main",
                agents=self._machine.agents,
                verify=("make test",),
                verify_env=(),
                retry=retry and is_first,
                patience=self._machine.patience,
                after_crash=after_crash,
            ),
        )

    def _check_intensity(self, now_s: float) -> None:
        self._restarted_at_s.append(now_s)
        since_s = now_s - INTENSITY.period_s
        count = sum(at_s > since_s for at_s in self._restarted_at_s)
        assert count <= INTENSITY.max_restarts, f"{count} restarts within {INTENSITY.period_s} s"

    def _on_word(self, prd_id: str, incarnation: int, message: object) -> None:
        if isinstance(message, Measured):
            return  # for people
        assert isinstance(message, PrdWord), f"{prd_id} said {message!r}"
        if isinstance(message, AgentRefused | AgentStrained):
            self._clock.see()
        if isinstance(message, PrdReport) and self._machine.people is not None:
            self._machine.people.hear(prd_id, message)
        self._host.post(PrdSaid(prd_id=prd_id, incarnation=incarnation, word=message))


def start_root(machine: Machine) -> Proc:
    """What a person does: start or resume."""
    root = machine.kernel.start("root", 1, RootProcess(machine).main)
    root.role = "root"
    return root
