"""`approve` and `reject` where no root runs: the next one passes it on to the PRD."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.root.records import PersonAnswered
from ..storage.layout import Layout
from ..storage.offline import board_of
from .approvals import Found, Said, answered
from .offline import journal, no_root
from .stories import named


def answer_offline(layout: Layout, names: Sequence[str], said: Said, *, is_all: bool) -> Found:
    """Journal it for the next root.

    Raises LockBusyError where a root has come up meanwhile, TargetError, StoreError or OSError.
    """
    with no_root(layout):
        board = board_of(layout)
        targets = named(layout, board, names)
        found = answered(board, targets, said, is_all=is_all)
        records = [PersonAnswered(prd_id=prd_id, answer=answer) for prd_id, answer in found.answers]
        if records:
            journal(layout, records)
    return found
