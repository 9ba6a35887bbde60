"""`release --budget` where no root runs: in the morning, when a night ended for its budget."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.costs.budget import Budget
from ....policies.values import replace
from ...core.root.ledger import weighed
from ..board import Board
from ..storage.layout import Layout
from ..storage.offline import board_of
from .budgets import names_of, nothing_waits, records_of, waiting_in
from .offline import journal, no_root
from .stories import named


def release_offline(
    layout: Layout, names: Sequence[str], run_budget: Budget
) -> tuple[list[str], str]:
    """Journal it for the next root; give what was released, or why nothing was.

    Raises LockBusyError where a root has come up meanwhile, TargetError, StoreError or OSError.
    """
    with no_root(layout):
        board = board_of(layout)
        targets = named(layout, board, names)
        found = waiting_in(board, targets)
        has_run = not targets and _is_run_used(board, run_budget)
        records = records_of(board, found, has_run=has_run)
        if not records:
            return [], nothing_waits(targets)
        journal(layout, records)
    return names_of(found, has_run=has_run), ""


def _is_run_used(board: Board, run_budget: Budget) -> bool:
    spent = {prd_id: row.spent for prd_id, row in board.rows.items()}
    return bool(weighed(replace(board.ledger, budget=run_budget, spent=spent)).used)
