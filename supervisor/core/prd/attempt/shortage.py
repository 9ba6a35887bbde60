"""What is known of a place that has no room for a further worktree."""

from __future__ import annotations

from msgspec import Struct

from .....policies.counting import counted


class Shortage(Struct, frozen=True, kw_only=True):
    """The slots that have a worktree; from `again_at_s` on one more is tried."""

    slots: tuple[int, ...]
    reason: str
    again_at_s: float
    times: int = 1  # in a row that one more could not be made
    told: int = 0  # with how few slots people were told: with more it is no news

    @property
    def note(self) -> str:
        """What people see of it."""
        count = len(self.slots)
        if not count:
            return f"waits, for no worktree can be made: {self.reason}"
        return f"goes on in {counted(count, 'worktree')}, no further one can be made: {self.reason}"
