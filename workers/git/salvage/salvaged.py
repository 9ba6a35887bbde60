"""The word of salvage that what is to be destroyed is kept: nothing here destroys without it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Salvaged(Struct, frozen=True):
    """All of this worktree that is no cache stands in refs, or is a file of our leftovers.

    Only salvage makes one (a test holds that), and whatever removes, resets or re-uses a worktree
    demands one: who writes the next such function cannot forget.
    """

    path: Path
    ref: str = ""  # empty: nothing would have been lost
    has_repositories: bool = False  # made by an agent: git neither keeps nor removes their files

    def check(self, path: Path) -> None:
        """Fail where it was given for another worktree."""
        if path != self.path:
            raise AssertionError(f"{self.path} is salvaged, not {path}")
