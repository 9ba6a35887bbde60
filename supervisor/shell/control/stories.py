"""Which PRDs and stories there are to name."""

from __future__ import annotations

from collections.abc import Iterable

from ..board import Board
from ..plans.accepted import read_accepted
from ..storage.layout import Layout
from .targets import Target, resolve


def stories_of(layout: Layout, board: Board) -> dict[str, tuple[str, ...]]:
    """The stories of each PRD that was run; of one that has not begun, those of its plan."""
    found: dict[str, tuple[str, ...]] = {}
    for prd_id, row in board.rows.items():
        plan = None if row.stories else read_accepted(layout, prd_id)
        planned = () if plan is None else tuple(story.story_id for story in plan.stories)
        found[prd_id] = tuple(row.stories) or planned
    return found


def named(layout: Layout, board: Board, names: Iterable[str]) -> list[Target]:
    """Who is meant by these names, each once; TargetError where one is unknown."""
    known = stories_of(layout, board)
    return list(dict.fromkeys(resolve(name, known) for name in names))
