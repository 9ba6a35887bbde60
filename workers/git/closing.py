"""The end of a PRD: what is merged is removed, what may still be wanted stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..messages.git import BranchClosed, CloseBranch
from .branch_record import head_of
from .occupants import occupant_of
from .place import Branch, Place
from .salvage.salvage import keep_strays, salvage_worktree, scratch_of
from .salvage.salvaged import Salvaged
from .secrets.sweep import put_away
from .worktree.repositories import set_all_aside
from .worktree.worktrees import Worktree, find_worktree, remove_worktree, state_of


def close_branch(place: Place, branch: Branch, request: CloseBranch) -> BranchClosed:
    """Remove the worktrees of other slots than `keep_slots`, and the merged branches of `done`."""
    head_of(place, branch)  # somebody may have deleted it since
    kept = [path for number, path in place.slots() if number in request.keep_slots]
    unwanted = [path for number, path in place.slots() if number not in request.keep_slots]
    if request.keep_slots:
        kept.append(place.own_worktree)
    else:
        unwanted.append(place.own_worktree)
    refs = [place.story_ref(story_id) for story_id in request.done]
    found = [each for path in unwanted if (each := salvaged(place, path)) is not None]
    for path in kept:
        stays = find_worktree(place, path)
        if stays is not None:
            if path != place.own_worktree:
                keep_strays(place, stays)
            put_away(place, stays.git, stays.path, stays.admin)
    with place.locked():
        for worktree, proof in found:
            remove_worktree(place, worktree, proof)
        delete_merged(place, branch.ref, refs)
    # What could neither be committed nor thrown away waits there for a person.
    kept.append(place.leftovers)
    return BranchClosed(kept=tuple(str(path) for path in sorted(kept) if path.is_dir()))


def salvaged(place: Place, path: Path) -> tuple[Worktree, Salvaged] | None:
    """Keep all that stands in a worktree that is going to be removed, repositories too."""
    worktree = find_worktree(place, path)
    if worktree is None:
        return None
    if path == place.own_worktree:
        return worktree, scratch_of(place, worktree)
    state = state_of(worktree)
    who = occupant_of(worktree.admin, branch=state.branch, story_refs=place.story_ref(""))
    kept = salvage_worktree(place, worktree, state, who)
    set_all_aside(place, worktree)
    return worktree, kept


def delete_merged(place: Place, into: str, refs: list[str]) -> tuple[str, ...]:
    """Delete those of the branches that are contained in `into`, and name them."""
    if not refs:
        return ()
    merged = place.refs(f"--merged={into}", *refs)
    # A worktree that stays must not lose the branch that it stands on.
    going = {
        name: found.commit
        for name, found in merged.items()
        if name in refs and found.worktree is None
    }
    delete_refs(place, going)
    return tuple(going)


def delete_refs(place: Place, going: Mapping[str, str]) -> None:
    """Delete refs that still name these commits, all or none."""
    if not going:
        return
    if not place.deletion_note.exists():  # its time tells which lock can be ours
        place.deletion_note.touch()
    orders = "".join(f"delete {name} {commit}\n" for name, commit in going.items())
    place.git.run("update_ref", "--stdin", stdin=orders.encode())
    place.deletion_note.unlink()
