"""What an integrator says where no further worktree can be made."""

from __future__ import annotations

from msgspec import Struct


class NoWorktree(Struct, frozen=True, kw_only=True):
    """The answer to a Prepare for a slot that has no worktree, and gets none for now.

    `slots` are those that have one: stories can go on in them.
    """

    story_id: str
    attempt: int
    message: str
    slots: tuple[int, ...] = ()
