"""What a running root does for who asks over the control socket."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import assert_never

from ....policies.supervising.shutdown import deadline_from
from ...core.root.words import AgentReleaseAsked, PrdStopAsked
from ...prd.graph.embeddings import EmbeddingsError
from ..intake import Intake
from ..plans.accepted import read_accepted
from ..plans.identity import Only, known_prds, wanted
from ..plans.neighbours import neighbours
from ..plans.scheduling import scheduled
from ..plans.submission import Terms, read_plans
from ..prd_limits import only_reachable
from ..root.feed import Feed
from ..root.process import RootProcess
from ..storage.layout import Layout
from ..storage.repairing import repair_prd
from .barring import is_below
from .order_desk import OrderDesk
from .server import ControlServer, Reply
from .targets import unknown_prd
from .words import (
    ApproveRequest,
    ControlRequest,
    FollowRequest,
    OrderRequest,
    RejectRequest,
    ReleaseAgentsRequest,
    ReleaseBudgetsRequest,
    StartRequest,
    StatusRequest,
    StopRequest,
    WatchRequest,
)


class Operator:
    """Answers requests; none of them waits."""

    def __init__(self, root: RootProcess, layout: Layout) -> None:
        self._root = root
        self._layout = layout
        self._desk = OrderDesk(root, layout)
        self.has_stopped_root = False
        self.on_watch: Callable[[], bytes] = bytes  # the answer to who wants to watch

    def serve(self, request: ControlRequest) -> Reply:  # noqa: PLR0911  a case a request
        """Answer one request."""
        match request:
            case StatusRequest() | WatchRequest():
                is_once = isinstance(request, StatusRequest)
                return {"ok": True, "status": self._root.status()} if is_once else self.on_watch()
            case StopRequest():
                return self._stop(request)
            case StartRequest():
                return self._start(request)
            case OrderRequest():
                return self._desk.take(request)
            case ApproveRequest() | RejectRequest():
                return self._desk.answer(request)
            case ReleaseAgentsRequest() | ReleaseBudgetsRequest():
                return self._desk.release(request)
            case FollowRequest():
                return {"ok": True}
            case _:
                assert_never(request)

    def _stop(self, request: StopRequest) -> Reply:
        grace_s = 0.0 if request.now else self._root.settings.grace_s
        if not request.prds:
            self.has_stopped_root = True
            self._root.stop(grace_s)
            return {"ok": True}
        rows = self._root.board.rows
        unknown = [prd_id for prd_id in request.prds if prd_id not in rows]
        if unknown:
            return {"ok": False, "error": _why_unknown(unknown[0], rows)}
        deadline = deadline_from(self._root.loop.now_s(), grace_s)
        for prd_id in request.prds:
            self._root.post(PrdStopAsked(prd_id=prd_id, deadline=deadline))
        return {"ok": True}

    def _start(self, request: StartRequest) -> Reply:
        try:
            return self._take(request)
        except EmbeddingsError as error:
            return {"ok": False, "error": str(error)}

    def _take(self, request: StartRequest) -> Reply:
        if self._root.is_stopping:
            return {"ok": False, "error": "root is stopping; start again when it has ended"}
        rows = self._root.board.rows
        plans, defects = read_plans(
            [Path(path) for path in request.paths],
            known=known_prds(rows, lambda prd_id: read_accepted(self._layout, prd_id)),
            base_branch=request.base_branch,
            neighbours=lambda: neighbours(self._layout, (), rows),
        )
        plans = wanted(plans, [Only(**each.model_dump()) for each in request.only])
        settings = self._root.settings
        plans, unreachable = only_reachable(plans, settings.limits, settings.insisted)
        plans = scheduled(self._layout, plans, settings)
        if defects := (*defects, *unreachable):
            return {"ok": False, "error": "invalid", "defects": [str(each) for each in defects]}
        if not plans:
            text = "the file holds another PRD now; write the one you mean into a file of its own"
            return {"ok": False, "error": text}
        ending = [plan.prd_id for plan in plans if self._root.is_stopping_prd(plan.prd_id)]
        if ending:
            text = f"{', '.join(ending)}: it is being stopped; wait until that is over"
            return {"ok": False, "error": text}
        terms = Terms(base=request.base, retry=request.retry, adopt_branch=request.adopt_branch)
        try:
            if request.repair:
                self._repair([plan.prd_id for plan in plans])
            Intake(self._root, self._layout).take(plans, terms)
            self._root.post(AgentReleaseAsked())  # somebody is here, who may have mended it
        except OSError as error:  # a full disk: what runs goes on
            return {"ok": False, "error": f"cannot write the state: {error.strerror or error}"}
        return {"ok": True, "prds": [plan.prd_id for plan in plans]}

    def _repair(self, prd_ids: Sequence[str]) -> None:
        """Go on with what can be read; no supervisor of theirs may write meanwhile."""
        idle = [each for each in prd_ids if not self._root.is_active(each)]
        for prd_id in idle:
            for text in repair_prd(self._layout, prd_id):
                self._root.log.tell("repaired", text, prd_id=prd_id)


def _why_unknown(name: str, known: Collection[str]) -> str:
    prd_id, slash, _ = name.partition("/")
    if slash and prd_id in known:
        return f"{name}: only whole PRDs are stopped; `prd-supervise hold {name}` keeps a story"
    return unknown_prd(name, known)


def serve_control(root: RootProcess, layout: Layout, operator: Operator) -> None:
    """Open the control socket; it is closed with root."""
    paths = layout.control_socket, layout.control_link
    rows = root.board.rows

    def is_agent(pid: int | None) -> bool:
        return is_below(pid, [row.pid for row in rows.values() if row.pid is not None])

    server = ControlServer(root.loop, *paths, operator.serve, settle=root.turn, is_barred=is_agent)
    root.log.listeners.append(server.tell_followers)
    operator.on_watch = Feed(root, layout, server.tell_watchers).whole
    root.on_close.append(server.close)
