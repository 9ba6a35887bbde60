"""Hold, release, retry, restart: names become children, and each gets its answer at once."""

from __future__ import annotations

from typing import assert_never

from ..root.process import RootProcess
from ..storage.layout import Layout
from .interventions import Interventions
from .server import Reply
from .targets import Target, TargetError, resolve, stories_of
from .words import OrderRequest, ReleaseAgentsRequest


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
        known = stories_of(self._layout, self._root.board)
        try:
            targets = [resolve(name, known) for name in dict.fromkeys(request.targets)]
        except TargetError as error:
            return {"ok": False, "unknown": True, "error": str(error)}
        done: list[str] = []
        refused: list[str] = []
        for target in dict.fromkeys(targets):
            refusal = self._do(request, target)
            if refusal:
                refused.append(refusal)
            else:
                done.append(str(target))
        return {"ok": not refused, "done": done, "error": "\n".join(refused)}

    def release_agents(self, request: ReleaseAgentsRequest) -> Reply:
        """Let agents be started again; who is not closed is refused with a sentence."""
        found = {name: self._interventions.release_agent(name) for name in request.agents}
        done = [name for name, refusal in found.items() if not refusal]
        refused = [refusal for refusal in found.values() if refusal]
        return {"ok": not refused, "done": done, "error": "\n".join(refused)}

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
