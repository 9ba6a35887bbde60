"""The root supervisor: which PRD runs, which waits, who may run an agent, and the exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ...policies import admission
from ...policies.admission import Lease, Leases
from ...policies.shutdown import PRD_ENDED, Deadline, deadline_from, sooner
from ...policies.spec import ChildKind, ChildSpec, ExitClass, ExitReason
from ...workers.messages.prd import (
    Happened,
    LeaseReturned,
    LeaseWanted,
    PrdEnded,
    PrdReport,
    PrdWord,
    StoryAtRest,
    StoryAtWork,
)
from . import supervisor as otp
from .commands import (
    Answered,
    ChildEnded,
    ChildGivenUp,
    ChildHeld,
    ChildRestarting,
    ChildStarted,
    ChildUndead,
    Notice,
    SupervisorEnded,
    SupervisorStarted,
)
from .events import ChildStartRequested, ChildStopRequested, StopRequested, SupervisorEvent
from .prd_words import StorageChanged
from .root_state import Entry, Root, remember
from .root_words import (
    Announce,
    BoundsChanged,
    EndRoot,
    GrantLease,
    PrdAccepted,
    PrdBegun,
    PrdSaid,
    PrdSettled,
    PrdsSubmitted,
    PrdState,
    PrdStopAsked,
    RootCommand,
    RootEvent,
    RootRecord,
    RootStopRequested,
    WriteRoot,
)

EXIT_DONE, EXIT_FAILED, EXIT_BURNT_OUT, EXIT_STOPPED = 0, 1, 70, 75


class _Turn:
    """One step in the making."""

    def __init__(self, root: Root, now_s: float) -> None:
        self.root = root
        self.now_s = now_s
        self.commands: list[RootCommand] = []
        self.notices: list[Notice] = []

    def record(self, record: RootRecord) -> None:
        self.commands.append(WriteRoot(record=record))
        self.root = replace(self.root, entries=remember(self.root.entries, record))

    def supervise(self, event: SupervisorEvent) -> None:
        supervisor, commands = otp.step(self.root.supervisor, event, self.now_s)
        self.root = replace(self.root, supervisor=supervisor)
        for command in commands:
            if isinstance(command, Notice):
                self.notices.append(command)
            else:
                self.commands.append(command)

    def lease(self, leases: Leases) -> None:
        granted_to, granted = admission.grant(leases)
        self.root = replace(self.root, leases=granted_to)
        self.commands += [GrantLease(prd_id=each.holder, lease=each.name) for each in granted]

    def put(self, entry: Entry) -> None:
        entries = tuple(
            entry if other.prd_id == entry.prd_id else other for other in self.root.entries
        )
        self.root = replace(self.root, entries=entries)


def step(root: Root, event: RootEvent, now_s: float) -> tuple[Root, list[RootCommand]]:
    """Answer one event: root as it is next, and what is to be done."""
    turn = _Turn(root, now_s)
    _on_event(turn, event)
    _draw_conclusions(turn)
    _move_on(turn)
    _draw_conclusions(turn)
    return turn.root, turn.commands


def _on_event(turn: _Turn, event: RootEvent) -> None:
    match event:
        case PrdsSubmitted():
            for accepted in event.prds:
                _accept(turn, accepted)
        case PrdSaid():
            child = turn.root.supervisor.child(event.prd_id)
            # The leases of a dead one are taken back already: it must not get others.
            if child is not None and child.is_alive and child.incarnation == event.incarnation:
                _on_word(turn, event.prd_id, event.word)
        case RootStopRequested():
            _stop(turn, event.deadline)
        case PrdStopAsked():
            _stop_prd(turn, event)
        case BoundsChanged():
            _change_bounds(turn, event)
        case StorageChanged():
            turn.root = replace(turn.root, storage_is_full=event.is_full)
        case _:
            turn.supervise(event)


def _accept(turn: _Turn, accepted: PrdAccepted) -> None:
    known = turn.root.entry(accepted.prd_id)
    if known is not None and known.state is PrdState.ACTIVE and _runs(turn.root, known):
        return
    turn.record(accepted)


def _runs(root: Root, entry: Entry) -> bool:
    return root.supervisor.child(entry.prd_id) is not None


def _on_word(turn: _Turn, prd_id: str, word: PrdWord) -> None:
    leases = turn.root.leases
    match word:
        case LeaseWanted():
            if turn.root.deadline is None:
                turn.lease(admission.ask(leases, Lease(holder=prd_id, name=word.lease)))
        case LeaseReturned():
            turn.lease(admission.give_back(leases, Lease(holder=prd_id, name=word.lease)))
        case PrdEnded():
            entry = turn.root.entry(prd_id)
            if entry is not None:
                turn.put(replace(entry, outcome=word))
        case Happened():
            if turn.root.fail_fast and word.event == "story_failed":
                turn.root = replace(turn.root, has_failed_fast=True)
                _stop(turn, deadline_from(turn.now_s, turn.root.grace_s))
        case PrdReport() | StoryAtWork() | StoryAtRest():
            pass  # for people and for the monitor, not for decisions
        case _:
            assert_never(word)


def _stop(turn: _Turn, deadline: Deadline) -> None:
    turn.root = replace(turn.root, deadline=sooner(turn.root.deadline, deadline))
    turn.supervise(StopRequested(deadline=deadline))


def _stop_prd(turn: _Turn, event: PrdStopAsked) -> None:
    entry = turn.root.entry(event.prd_id)
    if entry is None:
        return
    if _runs(turn.root, entry):
        turn.put(replace(entry, is_stopping=True))
        turn.supervise(ChildStopRequested(child_id=event.prd_id, deadline=event.deadline))
    elif entry.state is PrdState.QUEUED:
        turn.record(PrdSettled(prd_id=event.prd_id, state=PrdState.STOPPED, by_operator=True))


def _change_bounds(turn: _Turn, event: BoundsChanged) -> None:
    turn.root = replace(
        turn.root, max_prds=event.max_prds, grace_s=event.grace_s, fail_fast=event.fail_fast
    )
    turn.lease(replace(turn.root.leases, limit=event.api_limit))


def _draw_conclusions(turn: _Turn) -> None:
    while turn.notices:
        _on_notice(turn, turn.notices.pop(0))


def _on_notice(turn: _Turn, notice: Notice) -> None:
    match notice:
        case ChildStarted() | ChildUndead() | SupervisorStarted() | Answered():
            pass
        case ChildRestarting():
            turn.lease(admission.holder_died(turn.root.leases, notice.child_id))
            text = f"its supervisor died ({notice.reason.detail}), again in {notice.delay_s:.1f} s"
            turn.commands.append(
                Announce(event="prd_restarting", prd_id=notice.child_id, text=text)
            )
        case ChildEnded():
            turn.lease(admission.holder_died(turn.root.leases, notice.child_id))
            _settle(turn, notice.child_id, notice.reason)
        case ChildGivenUp():
            turn.lease(admission.holder_died(turn.root.leases, notice.child_id))
            _give_up(turn, notice)
        case ChildHeld():
            turn.lease(admission.holder_died(turn.root.leases, notice.child_id))
        case SupervisorEnded():
            _on_ended(turn, notice)
        case _:
            assert_never(notice)


def _settle(turn: _Turn, prd_id: str, reason: ExitReason) -> None:
    entry = turn.root.entry(prd_id)
    if entry is None:
        return
    state = PrdState.STOPPED
    reasons: tuple[str, ...] = (f"its supervisor ended: {reason.detail}",)
    if entry.outcome is not None and reason.exit_class is not ExitClass.ABNORMAL:
        state, reasons = PrdState(entry.outcome.state), entry.outcome.reasons
    turn.record(
        PrdSettled(prd_id=prd_id, state=state, reasons=reasons, by_operator=entry.is_stopping)
    )
    text = "; ".join(reasons[:3])
    turn.commands.append(Announce(event=f"prd_{state.value}", prd_id=prd_id, text=text))


def _give_up(turn: _Turn, notice: ChildGivenUp) -> None:
    text = f"its supervisor died too often; the last time: {notice.reason.detail}"
    settled = PrdSettled(prd_id=notice.child_id, state=PrdState.FAILED, reasons=(text,))
    turn.record(settled)
    turn.commands.append(Announce(event="prd_failed", prd_id=notice.child_id, text=text))


def _move_on(turn: _Turn) -> None:
    root = turn.root
    if root.deadline is not None or root.storage_is_full or root.supervisor.deadline is not None:
        return
    queued = [entry for entry in root.entries if entry.state is PrdState.QUEUED]
    running = len(root.supervisor.children)
    free = admission.free_places(running, root.max_prds)
    for entry in queued if free is None else queued[:free]:
        turn.record(PrdBegun(prd_id=entry.prd_id))
        spec = ChildSpec(
            child_id=entry.prd_id,
            kind=ChildKind.PRD,
            restart=root.restart,
            dynamic=True,
            # One PRD that always dies must not use up the restarts of all the others.
            failures_max=max(1, root.supervisor.intensity.max_restarts // 2),
            margin=PRD_ENDED,
        )
        turn.supervise(ChildStartRequested(spec=spec))
    if not queued and not running and not root.has_ended:
        _on_ended(turn, SupervisorEnded(burnt_out=False))


def _on_ended(turn: _Turn, notice: SupervisorEnded) -> None:
    if turn.root.has_ended:
        return
    turn.root = replace(turn.root, has_ended=True)
    for entry in turn.root.entries:  # who did not get its turn goes on at the next resume
        if entry.state is PrdState.ACTIVE:
            turn.record(PrdSettled(prd_id=entry.prd_id, state=PrdState.STOPPED))
    code = EXIT_BURNT_OUT if notice.burnt_out else exit_code(turn.root)
    turn.commands.append(EndRoot(exit_code=code))


def exit_code(root: Root) -> int:
    """The exit code of the whole run (docs/configuration.md)."""
    states = {entry.state for entry in root.entries}
    if root.has_failed_fast:
        return EXIT_FAILED
    if states & {PrdState.QUEUED, PrdState.ACTIVE, PrdState.STOPPED}:
        return EXIT_STOPPED
    return EXIT_FAILED if PrdState.FAILED in states else EXIT_DONE
