"""The status document of a root that runs: what its board shows, and what it alone knows."""

from __future__ import annotations

import os
import time

from msgspec import Struct

from ...core.root.state import Root
from ..board import Board
from ..ceilings.watching import StoryWatch
from ..storage.layout import Layout
from .agents import agents_document
from .overlaps import kept_back_now


class Now(Struct, frozen=True, kw_only=True):
    """A root at this moment."""

    root: Root
    stories: StoryWatch
    started_at: float


def status_document(layout: Layout, board: Board, now: Now) -> dict[str, object]:
    """Everything, for people and programs."""
    root = now.root
    state = "running" if root.deadline is None else "stopping"
    if root.storage_is_full:
        state = "storage full"
    about: dict[str, object] = {
        "pid": os.getpid(),
        "state": state,
        "note": root.refusal or root.ledger.note,
        "cgroups": now.stories.note,
        "started_at": now.started_at,
    }
    kept_back = kept_back_now(layout, root)
    agents = agents_document(root.gates.accounts, root.gates.rules)
    return board.status(about, time.time(), now.stories.usage, kept_back, agents)
