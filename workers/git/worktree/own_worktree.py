"""A commit to verify, shown in a worktree that belongs to no story."""

from __future__ import annotations

from ...messages.git import CheckedOut, CheckOut
from ..place import Place
from .setting_up import setup_of
from .showing import show


def check_out_commit(place: Place, request: CheckOut) -> CheckedOut:
    """Put a commit into it, with no trace of the verify commands before."""
    worktree = show(place, request.commit, instead=request.instead)
    return CheckedOut(
        story_id=request.story_id,
        attempt=request.attempt,
        commit=request.commit,
        worktree=str(worktree.path),
        setup=setup_of(place, worktree),
    )
