"""A commit in the PRD's own worktree, or, where there is no room for one, in a story's."""

from __future__ import annotations

from pathlib import Path

from ..occupants import NOBODY, occupant_of, write_note
from ..place import Place
from ..salvage.salvage import salvage_worktree, scratch_of
from ..salvage.salvaged import Salvaged
from .furnish import furnish
from .room import NoRoomError
from .worktrees import Worktree, add_worktree, bring_to, find_worktree, state_of


def show(place: Place, commit: str, *, instead: str = "") -> Worktree:
    """Bring the PRD's own worktree to a commit, with no trace of the verify commands before.

    Where none can be made, `instead` is used: a slot whose story has no agent at work any more.
    """
    path = place.own_worktree
    worktree = find_worktree(place, path)
    if worktree is None:
        try:
            worktree = add_worktree(place, path, "--detach", "--", str(path), commit)
        except NoRoomError as error:
            worktree = _borrowed(place, Path(instead)) if instead else None
            if worktree is None:
                raise
            text = f"merged trees are verified in {worktree.path}: {error}"
            place.tell_once(text, event="worktrees_short", about="no own worktree")
        else:
            _note_nobody(place, worktree)
            furnish(place, worktree)
            return worktree
    _sweep_to(place, worktree, commit, scratch_of(place, worktree))
    furnish(place, worktree)
    return worktree


def _sweep_to(place: Place, worktree: Worktree, commit: str, kept: Salvaged) -> None:
    bring_to(place, worktree, kept, "--detach", commit, "--")
    # Twice forced: tests make repositories, and nothing in here is anybody's work.
    worktree.git.run("clean", "-ffd", "--quiet")


def _borrowed(place: Place, path: Path) -> Worktree | None:
    """Take a story's worktree, once all that stands in it is kept."""
    worktree = find_worktree(place, path) if place.owns_worktree(path) else None
    if worktree is None:
        return None
    state = state_of(worktree)
    who = occupant_of(worktree.admin, branch=state.branch, story_refs=place.story_ref(""))
    if who is None or who.story_id != NOBODY:
        salvage_worktree(place, worktree, state, who)
        _note_nobody(place, worktree)
    return worktree


def _note_nobody(place: Place, worktree: Worktree) -> None:
    write_note(worktree.admin, prd_id=place.prd_id, story_id=NOBODY, attempt=0)
