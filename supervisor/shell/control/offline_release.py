"""`release --budget` where no root runs: in the morning, when a night ended for its budget."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from ....policies.budget import Budget
from ....policies.values import replace
from ...core.root.ledger import weighed
from ..board import Board
from ..storage.layout import Layout
from ..storage.locks import RootLock
from ..storage.offline import ROOT_KINDS, board_of
from ..storage.store import Store
from .budgets import names_of, nothing_waits, records_of, waiting_in
from .targets import resolve, stories_of


def release_offline(
    layout: Layout, names: Sequence[str], run_budget: Budget
) -> tuple[list[str], str]:
    """Journal it for the next root; give what was released, or why nothing was.

    Raises LockBusyError where a root has come up meanwhile, TargetError, StoreError or OSError.
    """
    lock = RootLock(layout.root_lock, {"pid": os.getpid(), "started_at": time.time()})
    try:
        return _release(layout, names, run_budget)
    finally:
        lock.close()


def _release(layout: Layout, names: Sequence[str], run_budget: Budget) -> tuple[list[str], str]:
    board = board_of(layout)
    targets = [resolve(name, stories_of(layout, board)) for name in names]
    found = waiting_in(board, targets)
    has_run = not targets and _is_run_used(board, run_budget)
    records = records_of(board, found, has_run=has_run)
    if not records:
        return [], nothing_waits(targets)
    store = Store(layout.state_dir, ROOT_KINDS)
    try:
        for record in records:
            store.append(record, at=time.time())
        store.flush()
    finally:
        store.close()
    return names_of(found, has_run=has_run), ""


def _is_run_used(board: Board, run_budget: Budget) -> bool:
    spent = {prd_id: row.spent for prd_id, row in board.rows.items()}
    return bool(weighed(replace(board.ledger, budget=run_budget, spent=spent)).used)
