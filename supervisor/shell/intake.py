"""PRDs for a root that runs: what is idle is accepted, what is at work gets its new plan."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.root.records import PrdState
from ..core.root.words import PlanChangeAsked, RetryAsked
from ..prd.difference import difference
from ..prd.model import Plan
from .plans.accepted import read_accepted, write_accepted
from .plans.finished import is_finished
from .plans.submission import Terms, accept
from .root.process import RootProcess
from .storage.layout import Layout

_LIVE = (PrdState.QUEUED, PrdState.ACTIVE)
_LEFT = (*_LIVE, PrdState.STOPPED)  # unfinished, where an earlier run ended


class Intake:
    """Compares what PRDs say now with what was accepted, and tells root of the difference."""

    def __init__(self, root: RootProcess, layout: Layout, *, goes_on: bool = False) -> None:
        self._root = root
        self._layout = layout
        self._goes_on = goes_on  # with what earlier runs have left

    def take(self, plans: Sequence[Plan], terms: Terms) -> None:
        """Run the PRDs that somebody asked for."""
        active = [plan for plan in plans if self._root.is_active(plan.prd_id)]
        for plan in active:
            self.change(plan)
            if terms.retry:
                self._root.post(RetryAsked(prd_id=plan.prd_id))
        idle = [plan for plan in plans if plan not in active]
        self._root.submit(accept(self._layout, idle, terms, self._root.hide))

    def refresh(self, plans: Sequence[Plan], terms: Terms) -> None:
        """Take what is new, or says otherwise than it was accepted; all else stays as it is."""
        for plan in plans:
            if self._is_live(plan):
                self.change(plan)
        idle = [plan for plan in plans if not self._is_live(plan) and self._is_worth_a_start(plan)]
        self._root.submit(accept(self._layout, idle, terms, self._root.hide))

    def change(self, plan: Plan) -> None:
        """Let a PRD that waits or works go by this plan; its supervisor says what comes of it."""
        old = read_accepted(self._layout, plan.prd_id)
        if plan.says_as(old):
            return
        write_accepted(self._layout, plan, self._root.hide)
        text = "its plan was read again" if old is None else difference(old, plan)
        self._root.log.tell("plan_changed", text, prd_id=plan.prd_id)
        row = self._root.board.rows.get(plan.prd_id)
        if row is not None and row.state is PrdState.QUEUED:
            self._root.foresee(plan.prd_id)
        self._root.post(PlanChangeAsked(prd_id=plan.prd_id))

    def _is_live(self, plan: Plan) -> bool:
        row = self._root.board.rows.get(plan.prd_id)
        if row is None or row.is_interrupted:
            return False
        return row.state in _LIVE and self._root.knows(plan.prd_id)

    def _is_worth_a_start(self, plan: Plan) -> bool:
        row = self._root.board.rows.get(plan.prd_id)
        if row is not None and row.damage:
            return False  # by its name alone, where a person has asked for its repair
        if row is not None and row.by_operator:
            return False
        if row is not None and row.state in _LEFT and not self._root.knows(plan.prd_id):
            return self._goes_on or (row.state in _LIVE and not self._is_as_accepted(plan))
        if row is not None and row.state is PrdState.STOPPED:
            return False
        if row is None or row.state is PrdState.COMPLETED:
            return not is_finished(plan, row, read_accepted(self._layout, plan.prd_id))
        return not self._is_as_accepted(plan)

    def _is_as_accepted(self, plan: Plan) -> bool:
        return plan.says_as(read_accepted(self._layout, plan.prd_id))
