"""The status document of a root that runs: what its board shows, and what it alone knows."""

from __future__ import annotations

import os
import time

from msgspec import Struct

from ....policies.values import replace
from ...core.root.elsewhere import waits_for_people
from ...core.root.records import PrdState
from ...core.root.state import Root
from ..board import Board
from ..ceilings.watching import StoryWatch
from ..run_settings import RootSettings
from ..status.document import PrdStatus, RootStatus, StatusDocument
from ..status.making import status_of
from ..storage.layout import Layout
from .agents import agents_status
from .overlaps import kept_back_now


class Now(Struct, frozen=True, kw_only=True):
    """A root at this moment."""

    root: Root
    stories: StoryWatch
    started_at: float
    settings: RootSettings


def status_now(layout: Layout, board: Board, now: Now) -> StatusDocument:
    """Everything, for people and programs."""
    root = now.root
    told = status_of(
        board,
        about_root(now),
        time.time(),
        usage_of=now.stories.usage,
        kept_back=kept_back_now(layout, root),
        agents=agents_status(root.gates.accounts, root.gates.rules),
    )
    stopping = stopping_prds(root)
    return replace(told, prds=tuple(with_stop(prd, stopping) for prd in told.prds))


def stopping_prds(root: Root) -> frozenset[str]:
    """The PRDs at work whose supervisors are being ended: alone, or with the whole tree."""
    return frozenset(
        entry.prd_id
        for entry in root.entries
        if entry.state is PrdState.ACTIVE
        and (entry.is_stopping or entry.is_restarting or root.deadline is not None)
    )


def with_stop(prd: PrdStatus, stopping: frozenset[str]) -> PrdStatus:
    """The PRD, and whether it is one of those."""
    return replace(prd, stopping=True) if prd.id in stopping else prd


def about_root(now: Now) -> RootStatus:
    """Root itself."""
    root = now.root
    state = "running" if root.deadline is None else "stopping"
    if root.storage_is_full:
        state = "storage full"
    return RootStatus(
        pid=os.getpid(),
        state=state,
        note=refusal_of(root),
        cgroups=now.stories.note,
        started_at=now.started_at,
        max_prds=now.settings.max_prds,
        api_limit=now.settings.api_limit,
        leases=len(root.leases.held),
        queue=len(root.leases.waiting),
        cpu_s=round(time.process_time(), 2),
    )


def refusal_of(root: Root) -> str:
    """Why nothing new starts; empty if something may."""
    return root.refusal or root.ledger.note or waits_for_people(root)
