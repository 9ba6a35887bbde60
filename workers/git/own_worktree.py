"""The PRD's own worktree, in which verify commands run that belong to no story alone."""

from __future__ import annotations

from ..messages.git import CheckedOut, CheckOut
from .furnish import furnish
from .occupants import write_note
from .place import Place
from .setting_up import setup_of
from .worktrees import Worktree, add_worktree, find_worktree, forget_unfinished


def check_out_commit(place: Place, request: CheckOut) -> CheckedOut:
    """Put a commit into it, with no trace of the verify commands before."""
    worktree = _show(place, request.commit)
    return CheckedOut(
        story_id=request.story_id,
        attempt=request.attempt,
        commit=request.commit,
        worktree=str(worktree.path),
        setup=setup_of(place, worktree),
    )


def _show(place: Place, commit: str) -> Worktree:
    path = place.own_worktree
    worktree = find_worktree(place, path)
    if worktree is None:
        worktree = add_worktree(place, path, "--detach", "--", str(path), commit)
        write_note(worktree.admin, prd_id=place.prd_id, story_id="-", attempt=0)
    else:
        forget_unfinished(worktree)
        worktree.git.run("checkout", "--quiet", "--force", "--detach", commit, "--")
        # Twice forced: tests make repositories, and nothing in here is anybody's work.
        worktree.git.run("clean", "-ffd", "--quiet")
    furnish(place, worktree)
    return worktree
