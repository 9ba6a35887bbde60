"""What a story uses, for people."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class Usage(Struct, frozen=True, kw_only=True):
    """What a story used at the last pass of the monitor."""

    memory_bytes: int
    cpu_percent: float  # of a core, as a mean
    processes: int
    share: float = 1.0  # of the time that it may have


UsageOf = Callable[[str, str], Usage | None]  # by PRD and story


def usage_unknown(_prd_id: str, _story_id: str) -> None:
    """Know nothing: root does not run."""
