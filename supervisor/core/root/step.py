"""The root supervisor: which PRD runs, which waits, who may run an agent, and the exit code."""

from __future__ import annotations

from typing import assert_never

from ....policies.scheduling import admission
from ....policies.scheduling.admission import Lease
from ....policies.supervising.shutdown import PRD_ENDED, Deadline, deadline_from, sooner
from ....policies.supervising.spec import ChildKind, ChildSpec
from ....policies.values import replace
from ....workers.messages.approval import AnswerTaken
from ....workers.messages.gate import AgentAnswered, AgentRefused, AgentStrained
from ....workers.messages.landing import LANDING_LEASE
from ....workers.messages.pace import Faring
from ....workers.messages.prd import (
    Happened,
    LeaseReturned,
    LeaseWanted,
    PlanTaken,
    PrdEnded,
    PrdReport,
    PrdWord,
    StoryAtRest,
    StoryAtWork,
)
from ..common import Noticed, StorageChanged
from ..otp.commands import Answered, Notice, SupervisorEnded, SupervisorStarted
from ..otp.events import ChildStartRequested, StopRequested
from . import approvals, budget, changes, elsewhere, gate, interventions, notices, overlaps, pacing
from .needs import reported
from .records import PrdAccepted, PrdBegun, PrdSettled, PrdState
from .state import Root
from .turn import RootTurn
from .words import (
    AdmissionChanged,
    AgentReleaseAsked,
    AnswersGiven,
    BoundsChanged,
    BudgetReleaseAsked,
    ClockSeen,
    EndRoot,
    HoldAsked,
    HostSeen,
    PlanChangeAsked,
    PrdRestartAsked,
    PrdSaid,
    PrdsOutlived,
    PrdsSubmitted,
    PrdStopAsked,
    ReleaseAsked,
    RetryAsked,
    RootCommand,
    RootEvent,
    RootStopRequested,
    RunBudgetChanged,
    RunReleaseAsked,
    ScopesRead,
)

EXIT_DONE, EXIT_FAILED, EXIT_BURNT_OUT, EXIT_STOPPED = 0, 1, 70, 75


def step(root: Root, event: RootEvent, now_s: float) -> tuple[Root, list[RootCommand]]:
    """Answer one event: root as it is next, and what is to be done."""
    turn = RootTurn(root, now_s)
    _on_event(turn, event)
    _draw_conclusions(turn)
    _move_on(turn)
    _draw_conclusions(turn)
    gate.tell_all(turn, root)
    return turn.root, turn.commands


def _on_event(turn: RootTurn, event: RootEvent) -> None:
    match event:
        case PrdsSubmitted():
            _submit(turn, event)
        case PrdSaid():
            child = turn.root.supervisor.child(event.prd_id)
            # The leases of a dead one are taken back already: it must not get others.
            if child is not None and child.is_alive and child.incarnation == event.incarnation:
                _on_word(turn, event.prd_id, event.word)
        case RootStopRequested():
            _stop(turn, event.deadline)
        case (
            PrdStopAsked()
            | PrdRestartAsked()
            | HoldAsked()
            | ReleaseAsked()
            | RetryAsked()
            | PlanChangeAsked()
            | AgentReleaseAsked()
            | AnswersGiven()
        ):
            _on_operator(turn, event)
        case (
            BoundsChanged()
            | AdmissionChanged()
            | HostSeen()
            | ScopesRead()
            | PrdsOutlived()
            | ClockSeen()
            | StorageChanged()
        ):
            changes.on_change(turn, event)
        case RunBudgetChanged() | BudgetReleaseAsked() | RunReleaseAsked():
            budget.on_event(turn, event)
        case Noticed():
            turn.tell(event.event, event.child_id, event.text)
        case _:
            turn.supervise(event)


def _on_operator(
    turn: RootTurn,
    event: PrdStopAsked
    | PrdRestartAsked
    | HoldAsked
    | ReleaseAsked
    | RetryAsked
    | PlanChangeAsked
    | AgentReleaseAsked
    | AnswersGiven,
) -> None:
    match event:
        case PrdStopAsked():
            interventions.stop(turn, event.prd_id, event.deadline)
        case PrdRestartAsked():
            interventions.restart(turn, event.prd_id, event.deadline)
        case HoldAsked():
            interventions.hold(turn, event)
        case ReleaseAsked():
            interventions.release(turn, event)
        case RetryAsked():
            interventions.retry(turn, event)
        case PlanChangeAsked():
            interventions.change_plan(turn, event.prd_id)
        case AgentReleaseAsked():
            gate.release(turn, event)
        case AnswersGiven():
            approvals.give(turn, event)
        case _:
            assert_never(event)


def _submit(turn: RootTurn, event: PrdsSubmitted) -> None:
    if event.opens is not None:
        budget.open_run(turn, event.opens)
        approvals.open_run(turn, event.opens)
    for accepted in event.prds:
        _accept(turn, accepted)


def _accept(turn: RootTurn, accepted: PrdAccepted) -> None:
    known = turn.root.entry(accepted.prd_id)
    if known is not None and known.state is PrdState.ACTIVE and turn.runs(known):
        return
    turn.record(accepted)


def _on_word(  # noqa: C901, PLR0912  a case a word
    turn: RootTurn, prd_id: str, word: PrdWord
) -> None:
    leases = turn.root.leases
    match word:
        case LeaseWanted() | LeaseReturned() if word.lease == LANDING_LEASE:
            _on_landing(turn, Lease(holder=prd_id, name=word.lease), word)
        case LeaseWanted():
            if turn.root.deadline is None:
                agents = word.agents if word.needs_agent else None
                turn.want(Lease(holder=prd_id, name=word.lease), agents)
        case LeaseReturned():
            turn.lease(admission.give_back(leases, Lease(holder=prd_id, name=word.lease)))
        case Faring():
            turn.set_paces(
                pacing.fared(turn.root.pacing, prd_id, word, changes.circumstances(turn))
            )
        case PlanTaken():
            interventions.has_taken_plan(turn, prd_id)
        case AnswerTaken():
            approvals.has_taken(turn, prd_id, word)
        case PrdEnded():
            interventions.has_spoken(turn, prd_id, word)
        case Happened():
            _on_happened(turn, prd_id, word)
        case PrdReport():
            turn.root = replace(turn.root, needs=reported(turn.root.needs, prd_id, word))
            budget.heard(turn, prd_id, word)
        case StoryAtWork() | StoryAtRest():
            turn.root = replace(
                turn.root, meetings=overlaps.heard(turn.root.meetings, prd_id, word)
            )
            if isinstance(word, StoryAtRest):
                turn.lease(turn.root.leases)  # who waited for its files
        case AgentRefused() | AgentStrained() | AgentAnswered():
            gate.on_word(turn, prd_id, word)
        case _:
            assert_never(word)


def _on_landing(turn: RootTurn, lease: Lease, word: LeaseWanted | LeaseReturned) -> None:
    """One PRD at a time goes into another branch; root is one for the repository."""
    landings = turn.root.landings
    if isinstance(word, LeaseReturned):
        turn.land(admission.give_back(landings, lease))
    elif turn.root.deadline is None:
        turn.land(admission.ask(landings, lease))


def _on_happened(turn: RootTurn, prd_id: str, word: Happened) -> None:
    if word.event == "retried":
        interventions.has_retried(turn, prd_id, word.story_id)
    elif word.event == "budget_taken":
        budget.has_taken(turn, prd_id)
    if turn.root.fail_fast and word.event == "story_failed":
        if not turn.root.failed_fast:
            turn.root = replace(turn.root, failed_fast=f"{prd_id}/{word.story_id}")
            turn.tell("failing_fast", prd_id, f"{word.story_id} failed: the run ends")
        _stop(turn, deadline_from(turn.now_s, turn.root.grace_s))


def _stop(turn: RootTurn, deadline: Deadline) -> None:
    turn.root = replace(turn.root, deadline=sooner(turn.root.deadline, deadline))
    turn.supervise(StopRequested(deadline=deadline))


def _draw_conclusions(turn: RootTurn) -> None:
    while turn.notices:
        _on_notice(turn, turn.notices.pop(0))


def _on_notice(turn: RootTurn, notice: Notice) -> None:
    if isinstance(notice, SupervisorEnded):
        _on_ended(turn, notice)
    elif isinstance(notice, SupervisorStarted | Answered):
        pass  # nothing is asked that would be answered so
    elif notices.on_notice(turn, notice):
        _begin(turn, notice.child_id)


def _move_on(turn: RootTurn) -> None:
    root = turn.root
    if root.deadline is not None or root.supervisor.deadline is not None or root.has_ended:
        return
    queued = [entry.prd_id for entry in root.entries if entry.state is PrdState.QUEUED]
    if (not queued or root.ledger.used) and not root.supervisor.children:
        if not root.storage_is_full and not root.stays:
            _on_ended(turn, SupervisorEnded(burnt_out=False))
        return
    elsewhere.tell(turn)
    gate.tell_closed(turn)  # who waited for an agent goes before who has not begun
    root = turn.root
    if root.storage_is_full or root.refusal or root.ledger.used:
        return
    first = elsewhere.awaited(root)
    able = [prd_id for prd_id in queued if (prd_id, "") not in root.holds]
    able.sort(key=lambda prd_id: prd_id not in first)
    free = elsewhere.places(root)
    for prd_id in able if free is None else able[:free]:
        _begin(turn, prd_id)


def _begin(turn: RootTurn, prd_id: str) -> None:
    turn.record(PrdBegun(prd_id=prd_id))
    spec = ChildSpec(
        child_id=prd_id,
        kind=ChildKind.PRD,
        restart=turn.root.restart,
        dynamic=True,
        # One PRD that always dies must not use up the restarts of all the others.
        failures_max=max(1, turn.root.supervisor.intensity.max_restarts // 2),
        margin=PRD_ENDED,
    )
    turn.supervise(ChildStartRequested(spec=spec))


def _on_ended(turn: RootTurn, notice: SupervisorEnded) -> None:
    if turn.root.has_ended:
        return
    turn.root = replace(turn.root, has_ended=True)
    for entry in turn.root.entries:  # who did not get its turn goes on at the next resume
        if entry.state is PrdState.ACTIVE:
            why = notices.why_stopped(turn.root)
            settled = PrdSettled(prd_id=entry.prd_id, state=PrdState.STOPPED, reasons=why)
            turn.record(settled)
    code = EXIT_BURNT_OUT if notice.burnt_out else exit_code(turn.root)
    turn.do(EndRoot(exit_code=code))


def exit_code(root: Root) -> int:
    """The exit code of the whole run (docs/configuration.md)."""
    states = {entry.state for entry in root.entries}
    if root.failed_fast:
        return EXIT_FAILED
    if states & {PrdState.QUEUED, PrdState.ACTIVE, PrdState.STOPPED}:
        return EXIT_STOPPED
    return EXIT_FAILED if PrdState.FAILED in states else EXIT_DONE
