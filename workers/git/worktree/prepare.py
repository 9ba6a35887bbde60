"""Making a story's worktree ready: what stood there is kept, then it shows the story's branch."""

from __future__ import annotations

from pathlib import Path

from ...messages.git import Commit, Prepare, Prepared
from ..branch_record import head_of
from ..commands import GitRefused, GitTooSlowError
from ..mending.half_made import give_up
from ..occupants import NOBODY, Occupant, occupant_of, read_note, write_note
from ..place import Branch, Place, Ref
from ..salvage.keeping import keep
from ..salvage.salvage import salvage_worktree, scratch_of
from ..salvage.salvaged import Salvaged
from ..work import commit
from .furnish import furnish
from .room import NoRoomError
from .setting_up import setup_of
from .worktrees import (
    Worktree,
    add_worktree,
    check_out,
    find_worktree,
    move_worktree,
    standing,
    state_of,
)


def prepare(place: Place, branch: Branch, request: Prepare) -> Prepared:
    """Bring the slot's worktree to the story's branch, made afresh where it cannot go on."""
    path = place.slot(request.slot)
    ref = place.story_ref(request.story_id)
    worktree = find_worktree(place, path)
    refs = place.refs(branch.ref, ref)
    kept = None
    if worktree is not None:
        try:
            kept = _clear(place, branch, request, worktree, refs.get(ref))
        except GitTooSlowError as error:
            give_up(place, path, worktree.admin, why=str(error))
    if kept is not None and _goes_on(request):  # what was left may be a commit on its branch now
        refs = place.refs(branch.ref, ref)
    if ref in refs and refs[ref].worktree not in {None, path}:
        _vacate(place, branch, request, refs[ref])
        refs = place.refs(branch.ref, ref)
    if branch.ref not in refs:
        refs[branch.ref] = head_of(place, branch)
    story = refs[ref].commit if ref in refs else ""
    base, head = _start(place, request, story=story, prd_head=refs[branch.ref].commit)
    to_branch = ("--no-track", "-B", place.story_branch(request.story_id))
    if worktree is None or kept is None:
        worktree = _made(place, path, *to_branch, head)
    else:
        check_out(place, worktree, kept, *to_branch, head, "--")
    write_note(
        worktree.admin,
        prd_id=place.prd_id,
        story_id=request.story_id,
        attempt=request.attempt,
    )
    furnish(place, worktree)
    return Prepared(
        story_id=request.story_id,
        attempt=request.attempt,
        base=base,
        head=head,
        worktree=str(path),
        setup=setup_of(place, worktree),
    )


def _made(place: Place, path: Path, *arguments: str) -> Worktree:
    """Make the slot's worktree, of the PRD's own one where that is the only one there is."""
    *options, head = arguments
    try:
        return add_worktree(place, path, *options, "--", str(path), head)
    except NoRoomError:
        own = None if standing(place) else find_worktree(place, place.own_worktree)
        worktree = None if own is None else move_worktree(place, own, path)
        if worktree is None:
            raise
    check_out(place, worktree, scratch_of(place, worktree), *options, head, "--")
    return worktree


def _goes_on(request: Prepare) -> bool:
    """Say whether the story goes on with what it left."""
    return bool(request.base) and request.keeps_leftovers


def _clear(
    place: Place, branch: Branch, request: Prepare, worktree: Worktree, shown: Ref | None
) -> Salvaged:
    """Keep what stands in the worktree; `shown` is the story's branch.

    The story's own leftovers go on its branch if it goes on with them; all else is salvaged.
    """
    if read_note(worktree.admin) is None and place.rules.worktree.sparse:
        # It was being made, file by file, and nobody has been in it.
        write_note(worktree.admin, prd_id=place.prd_id, story_id=NOBODY, attempt=0)
        return scratch_of(place, worktree)
    state = state_of(worktree)
    who = occupant_of(worktree.admin, branch=state.branch, story_refs=place.story_ref(""))
    ref = place.story_ref(request.story_id)
    if who is not None and who.story_id == NOBODY:
        return scratch_of(place, worktree)
    is_elsewhere = shown is not None and shown.worktree not in {None, worktree.path}
    is_own = who is not None and who.story_id == request.story_id and not is_elsewhere
    if is_own and _goes_on(request) and (state.dirty or state.branch != ref):
        commit(place, branch, _leftovers(request, worktree))
        state = state_of(worktree)  # git cannot commit everything
    return salvage_worktree(place, worktree, state, who or _attempt_before(request))


def _leftovers(request: Prepare, worktree: Worktree) -> Commit:
    return Commit(
        story_id=request.story_id,
        title=request.title,
        attempt=_attempt_before(request).attempt,
        base=request.base,
        worktree=str(worktree.path),
        partial=True,
    )


def _attempt_before(request: Prepare) -> Occupant:
    return Occupant(story_id=request.story_id, attempt=max(request.attempt - 1, 1))


def _vacate(place: Place, branch: Branch, request: Prepare, shown: Ref) -> None:
    """Take the story's branch from the slot that it was worked on in before."""
    path = shown.worktree
    if path is None or path not in {known for _, known in place.slots()} | {place.own_worktree}:
        name = place.story_branch(request.story_id)
        raise GitRefused(f"{name} is checked out in {path}; switch it to another branch")
    worktree = find_worktree(place, path)
    if worktree is None:
        return
    kept = _clear(place, branch, request, worktree, shown)
    check_out(place, worktree, kept, "--detach")


def _start(place: Place, request: Prepare, *, story: str, prd_head: str) -> tuple[str, str]:
    """Where the story started, and the commit that it goes on from."""
    start = request.onto or prd_head
    is_left = request.leaves_base and start != request.base
    is_wanted = bool(request.base and story) and not is_left
    goes_on = is_wanted and _is_sound(place, request, prd_head)
    if goes_on and place.is_ancestor(request.base, story):
        return request.base, story
    if story and not place.is_ancestor(story, prd_head):
        keep(place, _attempt_before(request), head=story)
    return start, start


def _is_sound(place: Place, request: Prepare, prd_head: str) -> bool:
    """Say whether the story may go on: what it was built on is merged, or being merged now.

    Else the work of others that nobody has verified would come into the branch by its history.
    """
    return request.base == request.onto or place.is_ancestor(request.base, prd_head)
