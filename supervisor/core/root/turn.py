"""One step of root in the making: the state so far and the commands so far."""

from __future__ import annotations

from ....policies.scheduling import admission
from ....policies.scheduling.admission import Lease, Leases
from ....policies.values import replace
from ..common import Noted
from ..otp import supervisor as otp
from ..otp.commands import Notice, Spawn
from ..otp.events import SupervisorEvent
from . import overlaps
from .doorkeeper import Doorkeeper, settled, wants
from .ledger import ledger_after
from .needs import renewed
from .pacing import Pacing, Told
from .records import (
    AccountOpened,
    AccountShut,
    AnswerRecord,
    CostRecord,
    Held,
    InteractiveSet,
    PrdAccepted,
    Released,
    RootRecord,
)
from .state import Entry, Root, answers_after, holds_after, remember
from .words import Announce, GrantLease, PassOn, RootCommand, TellMeeting, WriteRoot


class RootTurn:
    """Collects what one event leads to. It lives for one step only, so the step stays pure."""

    def __init__(self, root: Root, now_s: float) -> None:
        self.root = root
        self.now_s = now_s
        self.commands: list[RootCommand] = []
        self.notices: list[Notice] = []  # what the supervisor concluded and nobody has looked at

    def do(self, command: RootCommand) -> None:
        """Want an effect."""
        self.commands.append(command)

    def record(self, record: RootRecord) -> None:
        """Journal what is now true, and know it."""
        self.do(WriteRoot(record=record))
        if isinstance(record, AccountShut | AccountOpened):
            pass  # its gate is what is known already
        elif isinstance(record, CostRecord):
            self.root = replace(self.root, ledger=ledger_after(self.root.ledger, record))
        elif isinstance(record, AnswerRecord):
            self.root = replace(self.root, answers=answers_after(self.root.answers, record))
        elif isinstance(record, InteractiveSet):
            self.root = replace(self.root, is_interactive=record.is_on)
        elif isinstance(record, Held | Released):
            self.root = replace(self.root, holds=holds_after(self.root.holds, record))
        else:
            self.root = replace(self.root, entries=remember(self.root.entries, record))
            if isinstance(record, PrdAccepted):
                self.root = replace(self.root, needs=renewed(self.root.needs, record.prd_id))

    def note(self, prd_id: str, event: str, text: str) -> None:
        """Put a line into the story of a PRD."""
        self.record(Noted(child_id=prd_id, event=event, attempt=0, text=text))

    def tell(self, event: str, prd_id: str, text: str, *, story_id: str = "") -> None:
        """Put a line into the public event log and into the story of a PRD."""
        self.note(prd_id, event, f"{story_id}: {text}" if story_id else text)
        self.do(Announce(event=event, prd_id=prd_id, text=text, story_id=story_id))

    def supervise(self, event: SupervisorEvent) -> None:
        """Hand an event to the supervisor of the PRDs; its conclusions become notices."""
        supervisor, commands = otp.step(self.root.supervisor, event, self.now_s)
        self.root = replace(self.root, supervisor=supervisor)
        for command in commands:
            if isinstance(command, Notice):
                self.notices.append(command)
                continue
            self.do(command)
            if isinstance(command, Spawn):
                number = command.incarnation
                self.note(command.spec.child_id, "started", f"incarnation {number} is started")

    def want(self, lease: Lease, agents: tuple[str, ...] | None) -> None:
        """Queue a request for a lease; None: it is not for running an agent."""
        if agents is not None:
            self.root = replace(self.root, gates=wants(self.root.gates, lease, agents))
        self.lease(admission.ask(self.root.leases, lease))

    def lease(self, leases: Leases) -> None:
        """Take over these leases, and hand out what is free unless the host is short."""
        granted: tuple[Lease, ...] = ()
        keeper = Doorkeeper(self.root.gates, leases, self.now_s)
        if not self.root.refusal:
            leases, granted = overlaps.grant(self.root.meetings, leases, keeper)
        meetings, news = overlaps.met(self.root.meetings, leases, granted)
        gates = settled(self.root.gates, leases, keeper)
        self.root = replace(self.root, leases=leases, meetings=meetings, gates=gates)
        for each in granted:
            agent = keeper.runs.get(each, "")
            self.do(GrantLease(prd_id=each.holder, lease=each.name, agent=agent))
        for met in news:
            self.do(TellMeeting(met=met))

    def land(self, landings: Leases) -> None:
        """Take over who lands and who waits for it, and let in whose turn it is."""
        landings, granted = admission.grant(landings)
        self.root = replace(self.root, landings=landings)
        for each in granted:
            self.do(GrantLease(prd_id=each.holder, lease=each.name))

    def set_paces(self, paced: tuple[Pacing, tuple[Told, ...]]) -> None:
        """Take over these paces, and tell whom they concern."""
        pacing, told = paced
        self.root = replace(self.root, pacing=pacing)
        for prd_id, word, text in told:
            self.do(PassOn(prd_id=prd_id, order=word))
            self.tell("workers_changed", prd_id, text)

    def put(self, entry: Entry) -> None:
        """Replace an entry by its next state."""
        entries = tuple(
            entry if other.prd_id == entry.prd_id else other for other in self.root.entries
        )
        self.root = replace(self.root, entries=entries)

    def runs(self, entry: Entry) -> bool:
        """Say whether the PRD has a supervisor, or waits for its next one."""
        return self.root.supervisor.child(entry.prd_id) is not None
