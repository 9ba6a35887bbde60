"""Root in virtual time, told step by step what happens."""

from __future__ import annotations

from dataclasses import dataclass, field

from prd_supervise.policies.accounts.parking import Gate
from prd_supervise.policies.scheduling.admission import Leases
from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import (
    ExitClass,
    ExitReason,
    Intensity,
    Restart,
    Strategy,
)
from prd_supervise.supervisor.core.otp.commands import Spawn
from prd_supervise.supervisor.core.otp.events import Alarm, AlarmWentOff, ChildExited, ChildReady
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.core.root import step as core
from prd_supervise.supervisor.core.root.gates import accounts_after
from prd_supervise.supervisor.core.root.records import (
    AccountOpened,
    AccountShut,
    AnswerRecord,
    HoldRecord,
    InteractiveSet,
    PrdAccepted,
    PrdState,
)
from prd_supervise.supervisor.core.root.state import Entry, Root, remember
from prd_supervise.supervisor.core.root.words import (
    EndRoot,
    GrantLease,
    PrdSaid,
    PrdsSubmitted,
    RootCommand,
    RootEvent,
    RootStopRequested,
    WriteRoot,
)
from prd_supervise.workers.messages.prd import PrdEnded, PrdWord


def accepted(prd_id: str) -> PrdAccepted:
    """A PRD that somebody handed in."""
    return PrdAccepted(prd_id=prd_id, title=prd_id, path=f"{prd_id}.json", base="base")


@dataclass
class RootTree:
    """Root, what it wanted last, and what its journal would tell."""

    root: Root
    now_s: float = 0.0
    last: list[RootCommand] = field(default_factory=list)
    replayed: tuple[Entry, ...] = ()
    shut: dict[str, Gate] = field(default_factory=dict)  # accounts, as the journal tells

    def hear(self, event: RootEvent) -> None:
        """Let the core answer one event; what must always hold is checked."""
        self.root, self.last = core.step(self.root, event, self.now_s)
        for command in self.last:
            record = command.record if isinstance(command, WriteRoot) else None
            if isinstance(record, AccountShut | AccountOpened):
                self.shut = accounts_after(self.shut, record)
            elif record is not None and not isinstance(
                record, HoldRecord | AnswerRecord | InteractiveSet
            ):
                self.replayed = remember(self.replayed, record)
        self._check_gates()
        held = {each.holder for each in (*self.root.leases.held, *self.root.leases.waiting)}
        assert held <= {c.child_id for c in self.root.supervisor.children if c.is_alive}
        assert [(e.prd_id, e.state) for e in self.replayed] == [
            (e.prd_id, e.state) for e in self.root.entries
        ]

    def _check_gates(self) -> None:
        """What is journalled is what a later root goes by, but for whom a trial is under way."""
        known = self.root.gates.accounts
        shut = {name: gate for name, gate in known.items() if gate.is_shut}
        assert shut.items() <= self.shut.items()
        assert all(not self.root.gates.of(name).is_plain for name in self.shut)

    def submit(self, *prd_ids: str) -> None:
        """Hand in PRDs of these names."""
        self.hear(PrdsSubmitted(prds=tuple(accepted(prd_id) for prd_id in prd_ids)))

    def incarnation(self, prd_id: str) -> int:
        """The number of the PRD's living supervisor."""
        child = self.root.supervisor.child(prd_id)
        assert child is not None
        return child.incarnation

    def ready(self, *prd_ids: str) -> None:
        """Let these supervisors say that they serve."""
        for name in prd_ids:
            self.hear(ChildReady(child_id=name, incarnation=self.incarnation(name)))

    def says(self, prd_id: str, word: PrdWord) -> None:
        """Let a PRD's supervisor report."""
        self.hear(PrdSaid(prd_id=prd_id, incarnation=self.incarnation(prd_id), word=word))

    def exits(self, prd_id: str, how: ExitClass = ExitClass.NORMAL) -> None:
        """Let a PRD's supervisor exit."""
        reason = ExitReason(exit_class=how, detail=how.value)
        self.hear(ChildExited(child_id=prd_id, incarnation=self.incarnation(prd_id), reason=reason))

    def ends(self, prd_id: str, state: str) -> None:
        """Let a PRD's supervisor end in its own time, with this outcome."""
        self.says(prd_id, PrdEnded(state=state, reasons=()))
        self.exits(prd_id)

    def comes_back(self, prd_id: str) -> None:
        """Let the backoff of a PRD's supervisor be over."""
        number = self.incarnation(prd_id)
        self.hear(AlarmWentOff(child_id=prd_id, incarnation=number, alarm=Alarm.BACKOFF_OVER))
        self.ready(prd_id)

    def stop(self, grace_s: float = 60.0) -> None:
        """Ask the whole tree to stop."""
        self.hear(RootStopRequested(deadline=deadline_from(self.now_s, grace_s)))

    def state(self, prd_id: str) -> PrdState:
        """What has become of a PRD."""
        entry = self.root.entry(prd_id)
        assert entry is not None
        return entry.state

    def started(self) -> list[str]:
        """The PRDs whose supervisors are started by the last step."""
        return [each.spec.child_id for each in self.last if isinstance(each, Spawn)]

    def granted(self) -> list[str]:
        """The leases given by the last step."""
        return [f"{e.prd_id}/{e.lease}" for e in self.last if isinstance(e, GrantLease)]

    @property
    def exit_code(self) -> int | None:
        """The exit code, if the last step ended root."""
        return next((each.exit_code for each in self.last if isinstance(each, EndRoot)), None)


def a_tree(
    *,
    max_prds: int = 3,
    api_limit: int = 10,
    fail_fast: bool = False,
    intensity: int = 5,
    strategy: Strategy = Strategy.ONE_FOR_ONE,
    restart: Restart = Restart.TRANSIENT,
) -> RootTree:
    """A root to which nothing has happened."""
    supervisor = Supervisor(
        intensity=Intensity(max_restarts=intensity, period_s=300.0), strategy=strategy
    )
    leases = Leases(limit=api_limit)
    return RootTree(
        Root(
            supervisor=supervisor,
            leases=leases,
            max_prds=max_prds,
            grace_s=60.0,
            fail_fast=fail_fast,
            restart=restart,
        )
    )
