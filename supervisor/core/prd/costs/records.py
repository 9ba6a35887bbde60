"""What a PRD's journal tells of costs and budgets."""

from __future__ import annotations

from msgspec import Struct

from .....policies.usage import Usage


class UsageSeen(Struct, frozen=True, kw_only=True):
    """What an agent at work has used so far: if it is killed, nobody says more."""

    story_id: str
    attempt: int
    usage: Usage
    agent: str = ""  # where it is another one than the story's: a reviewer


class BudgetUsed(Struct, frozen=True, kw_only=True):
    """The story's budget is used up: no agent of it starts; `text` has the figures."""

    story_id: str
    text: str


class BudgetFree(Struct, frozen=True, kw_only=True):
    """The story may spend again: somebody released it, or the budget is another one."""

    story_id: str


class PrdBudgetUsed(Struct, frozen=True, kw_only=True):
    """The whole PRD's budget is used up, or that of the run."""

    text: str


class PrdBudgetFree(Struct, frozen=True, kw_only=True):
    """The whole PRD may spend again."""
