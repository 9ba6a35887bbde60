"""The operator's hand on a running tree: hold, release, retry and restart, each answered at once.

Every method gives the reason why it cannot be done, or nothing. What it orders is journalled with
root's next step, before anybody is told.
"""

from __future__ import annotations

from ....policies.supervising.shutdown import deadline_from
from ....policies.values import replace
from ...core.root.records import PrdState
from ...core.root.words import (
    AgentReleaseAsked,
    HoldAsked,
    PrdRestartAsked,
    ReleaseAsked,
    RetryAsked,
)
from ..board import Row
from ..plans.accepted import read_accepted
from ..root.agents import closed_names
from ..root.process import RootProcess
from ..status.states import is_done
from ..storage.layout import Layout
from .offline_agents import not_held_back
from .targets import TargetError, resolve

RETRIED = ("failed", "skipped", "backing off")  # the states of a story that a retry changes


class Interventions:
    """What an operator may want of one PRD or story; `story_id` is empty for the whole PRD."""

    def __init__(self, root: RootProcess, layout: Layout) -> None:
        self._root = root
        self._layout = layout

    def hold(self, prd_id: str, story_id: str = "") -> str:
        """Begin nothing new of it; what runs goes on to its decision."""
        error = self._unknown(prd_id, story_id)
        if error:
            return error
        name = _name(prd_id, story_id)
        if (prd_id, story_id) in self._root.state.holds:
            return f"{name} is held already"
        row = self._root.board.rows[prd_id]
        if row.state is PrdState.COMPLETED or is_done(self._state_of(row, story_id)):
            return f"{name} is done already"
        self._root.post(HoldAsked(prd_id=prd_id, story_id=story_id))
        return ""

    def release(self, prd_id: str, story_id: str = "") -> str:
        """Let it go on."""
        error = self._unknown(prd_id, story_id)
        if error:
            return error
        if (prd_id, story_id) not in self._root.state.holds:
            held = ", ".join(_name(*each) for each in sorted(self._root.state.holds))
            return f"{_name(prd_id, story_id)} is not held; held: {held or 'nothing'}"
        self._root.post(ReleaseAsked(prd_id=prd_id, story_id=story_id))
        return ""

    def release_agent(self, agent: str) -> str:
        """Let an agent be started that is parked, closed or slowed down; one start shows it."""
        gates = self._root.state.gates
        if gates.gate(agent).is_plain:
            names = ", ".join(closed_names(gates.accounts.values(), gates.rules))
            return not_held_back(agent, names or "none")
        self._root.post(AgentReleaseAsked(agent=agent))
        return ""

    def retry(self, prd_id: str, story_id: str = "") -> str:
        """Give a story that failed or was skipped a new start, or all of them."""
        error = self._unknown(prd_id, story_id) or self._refusal(prd_id)
        if error:
            return error
        row = self._root.board.rows[prd_id]
        states = {view.story_id: view.state for view in row.stories.values()}
        wanted = [story_id] if story_id else list(states)
        is_refused = not story_id and row.approval is not None and row.approval.is_refused
        is_found = is_refused or any(states.get(name) in RETRIED for name in wanted)
        if row.stories and not is_found:
            found = f"it is {states.get(story_id, 'waiting')}" if story_id else "no story of it is"
            return f"{_name(prd_id, story_id)}: {found}; only what failed or was skipped is retried"
        if row.state in {PrdState.QUEUED, PrdState.ACTIVE}:
            self._root.post(RetryAsked(prd_id=prd_id, story_id=story_id))
            return ""
        retried = (story_id,) if story_id else ()
        self._root.submit([replace(row.accepted, retry=not story_id, retry_stories=retried)])
        return ""

    def restart(self, prd_id: str) -> str:
        """End a PRD's supervisor gracefully and start it again."""
        error = self._unknown(prd_id, "") or self._refusal(prd_id)
        if error:
            return error
        if not self._root.is_active(prd_id):
            state = self._root.board.state_of(prd_id)
            return f"{prd_id} is {state}, not at work; `prd-supervise resume {prd_id}` starts it"
        self._root.on_restart(prd_id)
        deadline = deadline_from(self._root.loop.now_s(), self._root.settings.grace_s)
        self._root.post(PrdRestartAsked(prd_id=prd_id, deadline=deadline))
        return ""

    def _refusal(self, prd_id: str) -> str:
        if self._root.is_stopping:
            return "root is stopping; `prd-supervise resume` goes on when it has ended"
        if self._root.is_stopping_prd(prd_id):
            return f"{prd_id} is being stopped; `prd-supervise resume {prd_id}` goes on afterwards"
        return ""

    def _unknown(self, prd_id: str, story_id: str) -> str:
        known = {
            name: self._stories(name) if name == prd_id else () for name in self._root.board.rows
        }
        try:
            resolve(_name(prd_id, story_id), known)
        except TargetError as error:
            return str(error)
        return ""

    def _stories(self, prd_id: str) -> list[str]:
        known = list(self._root.board.rows[prd_id].stories)
        plan = read_accepted(self._layout, prd_id)
        return known or [story.story_id for story in (plan.stories if plan is not None else ())]

    def _state_of(self, row: Row, story_id: str) -> str:
        view = row.stories.get(story_id)
        return "" if view is None else view.state


def _name(prd_id: str, story_id: str) -> str:
    return f"{prd_id}/{story_id}" if story_id else prd_id
