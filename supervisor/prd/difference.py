"""What has changed between two readings of one PRD, in a line for people."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Plan

NAMED_MAX = 5


def difference(old: Plan, new: Plan) -> str:
    """Which stories are new, gone or changed; and whether anything else is."""
    then = {story.story_id: story for story in old.stories}
    now = {story.story_id: story for story in new.stories}
    parts = (
        ("new", [name for name in now if name not in then]),
        ("gone", [name for name in then if name not in now]),
        ("changed", [name for name in now if name in then and then[name] != now[name]]),
    )
    told = [f"{word}: {_listed(names)}" for word, names in parts if names]
    return "; ".join(told) or "nothing of its stories has changed"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED_MAX
    shown = ", ".join(names[:NAMED_MAX])
    return f"{shown} and {more} more" if more > 0 else shown
