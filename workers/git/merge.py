"""The merge of a story: tried beside every branch, then shown by one compare-and-swap."""

from __future__ import annotations

from dataclasses import replace

from ..messages.git import CheckedOut, CheckOut, Publish, Published, Trial, Tried
from .commands import Answer, GitRefused, one_line, refusal
from .occupants import write_note
from .place import TEXT_BYTES_MAX, Branch, Place, Ref
from .trees import commit_file, commit_tree, entry_at
from .worktrees import Worktree, add_worktree, find_worktree, forget_unfinished


def check_out_commit(place: Place, request: CheckOut) -> CheckedOut:
    """Put a commit into the PRD's own worktree."""
    _show(place, request.commit)
    return CheckedOut(
        story_id=request.story_id,
        attempt=request.attempt,
        commit=request.commit,
        worktree=str(place.own_worktree),
    )


def try_merge(place: Place, branch: Branch, request: Trial) -> Tried:
    """Make the merged commit and check it out; or name the paths that conflict."""
    onto = _head_of(place, branch).commit
    tried = Tried(
        story_id=request.story_id,
        attempt=request.attempt,
        commit="",
        onto=onto,
        worktree=str(place.own_worktree),
    )
    answer = place.git.ask("merge_tree", "--write-tree", "-z", onto, request.head)
    tree, conflicts = _read_merge(answer)
    if answer.status == 1:
        return replace(tried, conflicts=conflicts)
    subject = one_line(f"Merge {request.story_id}: {request.title}")
    message = f"{subject}\n\nPRD-Story: {place.prd_id}/{request.story_id}\n"
    # Git would warn of the same parent twice: a story without code has no commit of its own.
    parents = tuple(dict.fromkeys((onto, request.head)))
    commit = commit_tree(place.git, tree, parents=parents, message=message)
    _show(place, commit)
    return replace(tried, commit=commit, prd_text=_text_at(place, branch, tree))


def publish(place: Place, branch: Branch, request: Publish) -> Published:
    """Move the PRD's branch to the merged commit, if it still stands where the merge was tried."""
    head = _head_of(place, branch)
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
        # Its index would look like a change that takes the merge back.
        raise GitRefused(
            f"{branch.name} is checked out in {head.worktree}; switch it to another branch"
        )
    target = _marked(place, branch, request)
    note = f"prd-supervise: {request.story_id}"
    answer = place.git.ask("update_ref", "-m", note, branch.ref, target, request.onto)
    if answer.status == 0:
        return replace(published, head=target)
    now = _head_of(place, branch).commit
    if now == request.onto:
        raise refusal("update-ref", answer)
    return replace(published, head=now, moved=True)


def _head_of(place: Place, branch: Branch) -> Ref:
    found = place.refs(branch.ref).get(branch.ref)
    if found is None:
        raise GitRefused(f"branch {branch.name} is gone; make it again at {branch.base}")
    return found


def _show(place: Place, commit: str) -> Worktree:
    """Bring the PRD's own worktree to a commit, with no trace of the verify commands before."""
    path = place.own_worktree
    worktree = find_worktree(place, path)
    if worktree is None:
        worktree = add_worktree(place, path, "--detach", "--", str(path), commit)
        write_note(worktree.admin, prd_id=place.prd_id, story_id="-", attempt=0)
        return worktree
    forget_unfinished(worktree)
    worktree.git.run("checkout", "--quiet", "--force", "--detach", commit, "--")
    # Twice forced: tests make repositories, and nothing in here is anybody's work.
    worktree.git.run("clean", "-ffd", "--quiet")
    return worktree


def _read_merge(answer: Answer) -> tuple[str, tuple[str, ...]]:
    """The merged tree and the paths that conflict.

    git-merge-tree(1) -z: tree NUL, (mode blob stage TAB path NUL)*, NUL, then messages, each one
    count NUL path* type NUL text NUL.
    """
    fields = iter(answer.out.split(b"\0"))
    tree = next(fields).decode("ascii", "replace").strip()
    # A commit that does not exist ends with 1 as well, but prints no tree.
    if answer.status not in {0, 1} or not tree:
        raise refusal("merge-tree", answer)
    paths = set()
    for entry in fields:
        if not entry:
            break
        paths.add(entry.partition(b"\t")[2])
    for count in fields:
        if not count.isdigit():
            break
        named = [next(fields, b"") for _ in range(int(count))]
        kind, _ = next(fields, b""), next(fields, b"")
        # Some conflicts, as of two renamed folders, leave no entry.
        if kind.startswith(b"CONFLICT"):
            paths.update(named)
    return tree, tuple(sorted(path.decode("utf-8", "backslashreplace") for path in paths))


def _text_at(place: Place, branch: Branch, tree: str) -> str | None:
    if not branch.prd_file:
        return None
    answer = place.git.ask("cat_file", "blob", f"{tree}:{branch.prd_file}")
    if len(answer.out) > TEXT_BYTES_MAX:
        return None
    try:
        return answer.out.decode() if answer.status == 0 else None
    except UnicodeDecodeError:
        # Written back it would not be the same file.
        return None


def _marked(place: Place, branch: Branch, request: Publish) -> str:
    """The commit with the story marked as done in the PRD file on top, where there is a mark."""
    if request.prd_text is None or not branch.prd_file:
        return request.commit
    known = entry_at(place.git, request.commit, branch.prd_file)
    text = request.prd_text.encode()
    blob = place.git.run("hash_object", "-w", "--stdin", "--no-filters", stdin=text).line
    if blob == known.blob:
        return request.commit
    return commit_file(
        place.git,
        parent=request.commit,
        path=branch.prd_file,
        entry=replace(known, blob=blob),
        subject=f"prd-supervise: {request.story_id} is done",
    )
