"""Letting go of what root knows of PRDs that ended long ago, of which nothing is left."""

from __future__ import annotations

from ....policies.costs.budget import NO_BUDGET
from ....policies.values import replace
from .needs import forgotten
from .records import PrdForgotten, PrdState
from .state import Root
from .turn import RootTurn
from .words import PrdsOutlived

_LIVE = frozenset({PrdState.QUEUED, PrdState.ACTIVE, PrdState.STOPPED})


def forget(turn: RootTurn, event: PrdsOutlived) -> None:
    """Forget those that nobody wants any more; who looked for them may have looked too early."""
    for prd_id in event.prd_ids:
        if _is_wanted(turn.root, prd_id):
            continue
        turn.record(PrdForgotten(prd_id=prd_id))
        root = turn.root
        ledger = replace(
            root.ledger,
            spent={name: spent for name, spent in root.ledger.spent.items() if name != prd_id},
            renewed={key: spent for key, spent in root.ledger.renewed.items() if key[0] != prd_id},
        )
        turn.root = replace(root, ledger=ledger, needs=forgotten(root.needs, prd_id))


def _is_wanted(root: Root, prd_id: str) -> bool:
    """Say whether it is at work or to be, or what it was still counts: held, answered, paid."""
    entry = root.entry(prd_id)
    is_live = entry is not None and entry.state in _LIVE
    named = {name for name, _ in (*root.holds, *root.answers)}
    is_counted = root.ledger.budget != NO_BUDGET  # what a run has cost must not become less
    return is_live or is_counted or prd_id in named or root.supervisor.child(prd_id) is not None
