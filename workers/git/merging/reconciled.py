"""A merge with what contradicts nothing resolved, and what both sides import imported once."""

from __future__ import annotations

from ...messages.merging import Resolution
from ..commands import Commands
from .doubles import imported_once
from .joining import Joined
from .resolving import resolved


def reconciled(
    git: Commands, joined: Joined, *, left: str, right: str, is_verified: bool
) -> tuple[Joined, tuple[Resolution, ...]]:
    """The merge of two commits, and what was done to each file; `is_verified`: as in `resolved`."""
    joined, resolutions = resolved(git, joined, is_verified=is_verified)
    if joined.conflicts:
        return joined, resolutions
    joined, doubles = imported_once(git, joined, left=left, right=right)
    known = {each.path for each in resolutions}
    return joined, (*resolutions, *(each for each in doubles if each.path not in known))
