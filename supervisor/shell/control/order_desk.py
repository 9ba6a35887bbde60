"""Hold, release, retry, restart: names become children, and each gets its answer at once."""

from __future__ import annotations

from typing import assert_never

from ....policies.approval import Word, reason_problem
from ...core.root.words import AnswersGiven, RunReleaseAsked
from ..root.process import RootProcess
from ..storage.layout import Layout
from .approvals import Said, answered, by_prd, names_answered, user_name
from .budgets import asked_of, names_of, nothing_waits, stopped_prds, waiting_in
from .interventions import Interventions
from .server import Reply
from .stories import named
from .targets import Target, TargetError
from .words import (
    ApproveRequest,
    OrderRequest,
    RejectRequest,
    ReleaseAgentsRequest,
    ReleaseBudgetsRequest,
)


class OrderDesk:
    """Takes orders for a running root."""

    def __init__(self, root: RootProcess, layout: Layout) -> None:
        self._root = root
        self._layout = layout
        self._interventions = Interventions(root, layout)

    def take(self, request: OrderRequest) -> Reply:
        """Do it to all who are named, or to nobody where a name is unknown.

        What is refused keeps nobody else from being served.
        """
        try:
            targets = named(self._layout, self._root.board, request.targets)
        except TargetError as error:
            return {"ok": False, "unknown": True, "error": str(error)}
        done: list[str] = []
        refused: list[str] = []
        for target in targets:
            refusal = self._do(request, target)
            if refusal:
                refused.append(refusal)
            else:
                done.append(str(target))
        return {"ok": not refused, "done": done, "error": "\n".join(refused)}

    def release(self, request: ReleaseAgentsRequest | ReleaseBudgetsRequest) -> Reply:
        """Let agents be started again, or budgets be spent once more."""
        if isinstance(request, ReleaseAgentsRequest):
            return self._release_agents(request)
        return self._release_budgets(request)

    def _release_agents(self, request: ReleaseAgentsRequest) -> Reply:
        """Let agents be started again; who is not closed is refused with a sentence."""
        found = {name: self._interventions.release_agent(name) for name in request.agents}
        done = [name for name, refusal in found.items() if not refusal]
        refused = [refusal for refusal in found.values() if refusal]
        return {"ok": not refused, "done": done, "error": "\n".join(refused)}

    def _release_budgets(self, request: ReleaseBudgetsRequest) -> Reply:
        """Let be spent once more what these are allowed; all that waits, where none is named."""
        board, root = self._root.board, self._root
        try:
            targets = named(self._layout, board, request.targets)
        except TargetError as error:
            return {"ok": False, "unknown": True, "error": str(error)}
        has_run = not targets and bool(root.state.ledger.used)
        found = waiting_in(board, targets)
        for prd_id, renewed in found.items():
            root.post(asked_of(board, prd_id, renewed))
        if has_run:
            root.post(RunReleaseAsked(prd_ids=stopped_prds(board)))
        done = names_of(found, has_run=has_run)
        return {"ok": bool(done), "done": done, "error": "" if done else nothing_waits(targets)}

    def answer(self, request: ApproveRequest | RejectRequest) -> Reply:
        """Take a person's word on what waits for it; who is refused keeps nobody from going on."""
        board, root = self._root.board, self._root
        if isinstance(request, RejectRequest):
            if problem := reason_problem(request.reason):
                return {"ok": False, "unknown": True, "error": problem}
            reason = root.hide(request.reason.strip())
            said = Said(word=Word.REJECTED, by=user_name(), reason=reason)
        else:
            said = Said(word=Word.APPROVED, by=user_name())
        try:
            targets = named(self._layout, board, request.targets)
        except TargetError as error:
            return {"ok": False, "unknown": True, "error": str(error)}
        is_all = isinstance(request, ApproveRequest) and request.is_all
        found = answered(board, targets, said, is_all=is_all)
        for prd_id, answers in by_prd(found).items():
            root.post(AnswersGiven(prd_id=prd_id, answers=answers))
        return {
            "ok": not found.refused,
            "done": names_answered(found),
            "already": list(found.already),
            "later": [prd_id for prd_id in by_prd(found) if not root.is_active(prd_id)],
            "error": "\n".join(found.refused),
        }

    def _do(self, request: OrderRequest, target: Target) -> str:
        prd_id, story_id = target.prd_id, target.story_id
        match request.verb:
            case "hold":
                return self._interventions.hold(prd_id, story_id)
            case "release":
                return self._interventions.release(prd_id, story_id)
            case "retry":
                return self._interventions.retry(prd_id, story_id)
            case "restart" if story_id:
                return (
                    f"{target}: only a whole PRD is restarted; "
                    f"`prd-supervise retry {target}` gives a story that failed a new start"
                )
            case "restart":
                return self._interventions.restart(prd_id)
            case _:
                assert_never(request.verb)
