"""The merge of a story: tried beside every branch, then shown by one compare-and-swap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..messages.git import CheckedOut, CheckOut, PrdCopy, Publish, Published, Trial, Tried
from .branch_record import checked_out, free_head_of, head_of, move
from .commands import one_line, refusal
from .joining import join
from .place import Branch, Place
from .prd_blob import copied, marked_blob, prd_entry
from .setting_up import setup_of
from .showing import show
from .trees import commit_file, commit_tree


def check_out_commit(place: Place, request: CheckOut) -> CheckedOut:
    """Put a commit into the PRD's own worktree."""
    worktree = show(place, request.commit, instead=request.instead)
    return CheckedOut(
        story_id=request.story_id,
        attempt=request.attempt,
        commit=request.commit,
        worktree=str(worktree.path),
        setup=setup_of(place, worktree),
    )


def try_merge(place: Place, branch: Branch, request: Trial) -> Tried:
    """Make the merged commit and check it out; or name the paths that conflict."""
    onto = free_head_of(place, branch).commit  # or the verify commands would run in vain
    tried = Tried(
        story_id=request.story_id,
        attempt=request.attempt,
        commit="",
        onto=onto,
        worktree="",
    )
    joined = join(place.git, onto, request.head)
    if joined.conflicts:
        return replace(tried, conflicts=joined.conflicts)
    subject = one_line(f"Merge {request.story_id}: {request.title}")
    message = f"{subject}\n\nPRD-Story: {place.prd_id}/{request.story_id}\n"
    # Git would warn of the same parent twice: a story without code has no commit of its own.
    parents = tuple(dict.fromkeys((onto, request.head)))
    commit = commit_tree(place.git, joined.tree, parents=parents, message=message)
    worktree = show(place, commit, instead=request.instead)
    return replace(
        tried,
        commit=commit,
        prd_file=_copy(place, branch, request, commit),
        worktree=str(worktree.path),
        setup=setup_of(place, worktree),
    )


def publish(place: Place, branch: Branch, request: Publish) -> Published:
    """Move the PRD's branch to the merged commit, if it still stands where the merge was tried."""
    head = head_of(place, branch)
    published = Published(
        story_id=request.story_id,
        attempt=request.attempt,
        commit=request.commit,
        head=head.commit,
    )
    if head.commit != request.onto:
        # An earlier one of ours may have been killed after the move and before its answer.
        is_in = place.is_ancestor(request.commit, head.commit)
        return replace(published, moved=not is_in)
    if head.worktree is not None:
        raise checked_out(branch, head)
    target = _marked(place, branch, request)
    note = f"prd-supervise: {request.story_id}"
    answer = move(place, branch, target, onto=request.onto, note=note)
    if answer.status == 0:
        return replace(published, head=target)
    now = head_of(place, branch).commit
    if now == request.onto:
        raise refusal("update-ref", answer)
    return replace(published, head=now, moved=True)


def _copy(place: Place, branch: Branch, request: Trial, commit: str) -> PrdCopy | None:
    entry = prd_entry(place, branch, commit) if request.copy else None
    return copied(place, entry, Path(request.copy)) if entry is not None and entry.blob else None


def _marked(place: Place, branch: Branch, request: Publish) -> str:
    """The commit with the story marked as done in the PRD file on top, where there is a mark."""
    entry = prd_entry(place, branch, request.commit) if request.prd_file is not None else None
    if request.prd_file is None or entry is None:
        return request.commit
    blob = marked_blob(place, request.prd_file)
    if not blob:
        text = f"{request.story_id} is merged, but git could not take the marked PRD file"
        place.tell(text, event="not_marked")
    if blob in {"", entry.blob}:
        return request.commit
    return commit_file(
        place.git,
        parent=request.commit,
        path=branch.prd_file,
        entry=entry.holding(blob),
        subject=f"prd-supervise: {request.story_id} is done",
    )
