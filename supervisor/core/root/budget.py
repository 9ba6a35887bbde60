"""The budget of the whole run: once it is used up no PRD begins an agent, and the run ends."""

from __future__ import annotations

from typing import assert_never

from ....policies.values import replace
from ....workers.messages.budget import RunSpent
from ....workers.messages.prd import PrdReport
from .ledger import Ledger, weighed
from .records import BudgetRenewed, PrdState, RunBegun
from .state import Entry
from .turn import RootTurn
from .words import (
    BudgetReleaseAsked,
    CostEvent,
    PassOn,
    RunBudgetChanged,
    RunOpened,
    RunReleaseAsked,
)


def open_run(turn: RootTurn, event: RunOpened) -> None:
    """Begin a run, or go on with the one that a crash, a stop or a used-up budget ended."""
    if event.is_new:
        _begin_run(turn)
    _weigh(turn, turn.root.ledger)


def on_event(turn: RootTurn, event: CostEvent) -> None:
    """Go by what a person wants, or by another budget."""
    ledger = turn.root.ledger
    match event:
        case RunBudgetChanged():
            _weigh(turn, replace(ledger, budget=event.budget))
        case BudgetReleaseAsked():
            _release(turn, event)
        case RunReleaseAsked():
            _begin_run(turn)
            turn.tell("budget_released", "", "the budget of the run counts anew")
            _weigh(turn, turn.root.ledger)
            for entry in turn.root.entries:
                _go_on(turn, entry, is_wanted=entry.prd_id in event.prd_ids)
        case _:
            assert_never(event)


def heard(turn: RootTurn, prd_id: str, report: PrdReport) -> None:
    """Know what a PRD has cost by now."""
    ledger = turn.root.ledger
    if ledger.spent.get(prd_id) != report.spent:
        _weigh(turn, replace(ledger, spent={**ledger.spent, prd_id: report.spent}))


def has_taken(turn: RootTurn, prd_id: str) -> None:
    """A PRD's supervisor counts anew: it need not be told again."""
    entry = turn.root.entry(prd_id)
    if entry is not None and entry.is_renewed:
        turn.put(replace(entry, is_renewed=False))


def _begin_run(turn: RootTurn) -> None:
    turn.record(RunBegun(spent=tuple(sorted(turn.root.ledger.spent.items()))))


def _weigh(turn: RootTurn, ledger: Ledger) -> None:
    """Draw the conclusion, and tell it to people and to the PRDs that run where it is new."""
    was = turn.root.ledger.used
    ledger = weighed(ledger)
    turn.root = replace(turn.root, ledger=ledger)
    if bool(ledger.used) == bool(was):
        return
    if ledger.used:
        turn.tell("budget_used", "", f"no agent starts any more: {ledger.note}")
    for entry in turn.root.entries:
        if turn.runs(entry):
            turn.do(PassOn(prd_id=entry.prd_id, order=RunSpent(why=ledger.used)))


def _release(turn: RootTurn, event: BudgetReleaseAsked) -> None:
    prd_id = event.prd_id
    for each in event.renewed:
        record = BudgetRenewed(prd_id=prd_id, story_id=each.story_id, spent=each.spent)
        turn.record(record)
        text = "its budget counts anew"
        turn.tell("budget_released", prd_id, text, story_id=each.story_id)
        turn.do(PassOn(prd_id=prd_id, order=each))
    entry = turn.root.entry(prd_id)
    if entry is not None:
        _go_on(turn, entry, is_wanted=event.goes_on)


def _go_on(turn: RootTurn, entry: Entry, *, is_wanted: bool) -> None:
    """Run a PRD again that has stopped for its budget, or is about to."""
    if turn.runs(entry):
        turn.put(replace(entry, is_renewed=True))
    elif entry.state is PrdState.STOPPED and is_wanted:
        turn.record(replace(entry.accepted, retry=False, retry_stories=()))
