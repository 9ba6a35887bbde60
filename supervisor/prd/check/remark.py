"""A remark: what is said of a PRD as it was read, before its place in the file is looked up."""

from __future__ import annotations

from msgspec import Struct

from ....workers.messages.agents import AgentRules
from ..defect import Severity
from ..model import Plan, PlannedStory


class Remark(Struct, frozen=True, kw_only=True):
    """Something to mend in a PRD, or in one story of it.

    It stands at the first of the `keys` that is there, at its item `item` if that is a list; else
    at the story, else at the PRD.
    """

    plan: Plan
    message: str
    code: str
    severity: Severity = Severity.WARNING
    story_id: str = ""
    keys: tuple[str, ...] = ()
    item: int | None = None


class Around(Struct, frozen=True, kw_only=True):
    """What the configuration says, as far as it matters to a remark."""

    verify: tuple[str, ...] | None = ()  # None: not known
    agents: AgentRules | None = None  # None: not known
    inference: str = "none"
    strategy: str = "entity"


def is_open(story: PlannedStory) -> bool:
    """Say whether the story is still to be done."""
    return not story.is_done and not story.is_skipped


def named(story_ids: list[str], most: int = 5) -> str:
    """Some of the ids, for a message."""
    more = f" and {len(story_ids) - most} more" if len(story_ids) > most else ""
    return ", ".join(story_ids[:most]) + more
