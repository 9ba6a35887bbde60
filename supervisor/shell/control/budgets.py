"""`release --budget`: whose budget is used up, of what a person names, may spend it once more."""

from __future__ import annotations

from collections.abc import Sequence

from ....workers.messages.budget import BudgetReleased
from ...core.root.records import BudgetRenewed, CostRecord, PrdState, RunBegun
from ...core.root.words import BudgetReleaseAsked
from ..board import Board
from .targets import Target

RUN = "the run"


def waiting_in(board: Board, targets: Sequence[Target]) -> dict[str, tuple[BudgetReleased, ...]]:
    """The used-up budgets, by PRD: those of these PRDs and stories, or all where none is named."""
    found: dict[str, tuple[BudgetReleased, ...]] = {}
    for prd_id, row in board.rows.items():
        wanted = {each.story_id for each in targets if each.prd_id == prd_id}
        is_all = not targets or "" in wanted
        own = (BudgetReleased(spent=row.spent),) if is_all and row.budget_used else ()
        stories = tuple(
            BudgetReleased(story_id=name, spent=view.spent)
            for name, view in row.stories.items()
            if view.budget_used and (is_all or name in wanted)
        )
        if own or stories:
            found[prd_id] = (*own, *stories)
    return found


def asked_of(board: Board, prd_id: str, renewed: tuple[BudgetReleased, ...]) -> BudgetReleaseAsked:
    """What root is asked; a PRD that somebody stopped by its name is not started by this."""
    is_stopped = board.rows[prd_id].by_operator
    return BudgetReleaseAsked(prd_id=prd_id, renewed=renewed, goes_on=not is_stopped)


def stopped_prds(board: Board) -> tuple[str, ...]:
    """The PRDs that may have stopped because the budget of the run was used up."""
    return tuple(
        prd_id
        for prd_id, row in board.rows.items()
        if row.state is PrdState.STOPPED and not row.by_operator
    )


def records_of(
    board: Board, found: dict[str, tuple[BudgetReleased, ...]], *, has_run: bool
) -> list[CostRecord]:
    """What a journal is told that no root writes just now."""
    records: list[CostRecord] = [
        BudgetRenewed(prd_id=prd_id, story_id=each.story_id, spent=each.spent)
        for prd_id, renewed in found.items()
        for each in renewed
    ]
    if has_run:
        spent = sorted((prd_id, row.spent) for prd_id, row in board.rows.items())
        records.append(RunBegun(spent=tuple(spent)))
    return records


def names_of(found: dict[str, tuple[BudgetReleased, ...]], *, has_run: bool) -> list[str]:
    """What was released, as people call it."""
    names = [RUN] if has_run else []
    for prd_id, renewed in found.items():
        names += [f"{prd_id}/{each.story_id}" if each.story_id else prd_id for each in renewed]
    return names


def nothing_waits(targets: Sequence[Target]) -> str:
    """Why nothing was released."""
    names = ", ".join(map(str, targets)) or "nothing here"
    verb = "waits" if len(targets) < 2 else "wait"  # noqa: PLR2004  the plural
    return f"{names} {verb} for no budget; `prd-supervise status` shows what was spent"
