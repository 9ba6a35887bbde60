"""A story's work: what the agent left becomes a commit on the story's branch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ...policies.values import replace
from ..messages.git import Commit, Committed
from .commands import GitRefused, one_line, refusal
from .occupants import Occupant
from .place import Branch, Place
from .prd_file.prd_edit import edit_of, moved_along
from .salvage.keeping import is_whole, keep
from .salvage.salvage import keep_conflicts, keep_staged, salvage_worktree
from .salvage.snapshot import add_everything
from .salvage.strays import keep_stashes
from .secrets.history import Cleaned, clean_commit, clean_left, secrets_in_index, take_out
from .secrets.leaks import Leak, hide_in_index
from .secrets.lost import forget_log, keep_lost_secrets, show_marks
from .secrets.sweep import NAMED_MAX, kept_out_by_us, put_named_aside, tell_kept_out
from .trees import path_text
from .worktree import submodules
from .worktree.embedded import take_out_embedded, tell_embedded
from .worktree.setting_up import setup_of
from .worktree.worktrees import State, Worktree, find_worktree, forget_unfinished, state_of

FILES_MAX = 100
_SHORT = 12


def commit(place: Place, branch: Branch, request: Commit) -> Committed:
    """Commit what the agent left, put our own files back, say what differs from the base."""
    worktree = find_worktree(place, Path(request.worktree))
    if worktree is None:
        return _without_worktree(place, request)
    state = state_of(worktree)
    who = Occupant(story_id=request.story_id, attempt=request.attempt)
    keep_stashes(place, worktree.admin, who)
    if state.has_conflicts:
        keep_conflicts(place, worktree, who)
    if not state.head or not place.is_ancestor(request.base, state.head):
        return _moved_away(place, worktree, request, state)
    _put_head_back(place, worktree, request, state)
    cleaned = clean_commit(place, state.head, base=request.base)
    if cleaned.is_changed:
        state = _without_secrets(place, worktree, request, state, cleaned)
    submodules.preserve(place, worktree.path, worktree.admin, worktree.git)
    if state.has_staged:
        keep_staged(place, worktree, who)
    is_complete = add_everything(worktree.git) if state.dirty else True
    embedded, changed, added = take_out_embedded(worktree.git, request.base)
    tell_embedded(place, request.story_id, embedded)
    secrets = secrets_in_index(place, worktree.git, changed, base=request.base)
    changed -= {os.fsencode(name) for name in secrets}
    leaks = hide_in_index(place, worktree.git, base=request.base)
    show_marks(worktree, leaks)
    put_named_aside(place, worktree.path, secrets)
    kept_out = (*cleaned.without, *secrets, *kept_out_by_us(place, worktree.git, worktree.admin))
    tell_kept_out(place, request.story_id, kept_out)
    own = {os.fsencode(name) for name in branch.own_files} & changed
    edit = None
    if os.fsencode(branch.prd_file) in own:
        moved = moved_along(worktree, branch, request.base, changed)
        edit = edit_of(place, worktree, branch, request, moved)
        own |= moved.paths
    if not is_complete:
        own |= _known_files(worktree, branch)
    if own - {os.fsencode(branch.prd_file)}:
        # Agents keep what they have learned in such files; only they are not the story's work.
        keep(place, who, head=state.head, tree=worktree.git.run("write_tree").line)
    if own:
        names = [os.fsdecode(name) for name in sorted(own)]
        source = f"--source={request.base}"
        options = (source, "--staged", "--worktree", "--ignore-skip-worktree-bits")
        worktree.git.run("restore", *options, "--", *names)
    is_due = state.dirty or own or leaks or embedded
    head = _commit_index(place, worktree, request) if is_due else state.head
    _check_whole(place, head, request)
    work = sorted(changed - own)
    listed = work[:FILES_MAX]
    gone = [name for name in listed if not os.path.lexists(worktree.path / os.fsdecode(name))]
    return Committed(
        story_id=request.story_id,
        attempt=request.attempt,
        head=head,
        files=tuple(map(path_text, listed)),
        removed=tuple(map(path_text, gone)),
        added=tuple(path_text(name) for name in listed if name in added),
        more=len(work) - len(listed),
        prd_edit=edit,
        problem=_told_of(leaks),
        setup=setup_of(place, worktree),
        kept_out=_shown(place, kept_out, embedded),
    )


def _check_whole(place: Place, head: str, request: Commit) -> None:
    """Whoever answers the request lets HEAD go back where `git prune` took some of it."""
    if not is_whole(place, head, known=request.base):
        text = f"objects were removed while {head[:_SHORT]} was made"
        raise GitRefused(f"{text}; is `git prune` at work?")


def _shown(place: Place, secrets: tuple[str, ...], embedded: tuple[str, ...]) -> tuple[str, ...]:
    names = dict.fromkeys((*embedded, *secrets))
    why = dict.fromkeys(embedded, "a repository of its own")
    told = (f"{place.hiding.text(name)} ({why.get(name, 'it looks secret')})" for name in names)
    return tuple(told)[:NAMED_MAX]


def _without_worktree(place: Place, request: Commit) -> Committed:
    ref = place.story_ref(request.story_id)
    found = place.refs(ref).get(ref)
    return Committed(
        story_id=request.story_id,
        attempt=request.attempt,
        head=found.commit if found else request.base,
        files=(),
        problem=f"the worktree {request.worktree} is gone from git; files that were left in it are "
        f"in {place.leftovers}",
    )


def _moved_away(place: Place, worktree: Worktree, request: Commit, state: State) -> Committed:
    who = Occupant(story_id=request.story_id, attempt=request.attempt)
    kept = salvage_worktree(place, worktree, state, who)
    if state.head and not kept.ref:
        keep(place, who, head=state.head)
    _clean_branch(place, worktree, request)
    moved_to = state.head[:_SHORT] or "a branch without a commit"
    return Committed(
        story_id=request.story_id,
        attempt=request.attempt,
        head=state.head or request.base,
        files=(),
        problem=f"the agent moved HEAD to {moved_to}, which does not descend from "
        f"{request.base[:_SHORT]}",
    )


def _clean_branch(place: Place, worktree: Worktree, request: Commit) -> None:
    """Leave nothing secret on the story's branch either, wherever the agent went from it."""
    ref = place.story_ref(request.story_id)
    found = place.refs(ref).get(ref)
    if found is None or found.worktree not in {None, worktree.path}:
        return
    if place.is_ancestor(request.base, found.commit):
        cleaned = clean_commit(place, found.commit, base=request.base)
        names, base = cleaned.without, request.base
        keep_lost_secrets(place, worktree, names, base=base, head=found.commit)
    else:
        cleaned = clean_left(place, found.commit)  # what salvage has put aside is not lost
    if cleaned.is_changed:
        place.git.run("update_ref", ref, cleaned.commit, found.commit)
        forget_log(place, worktree, ref)


def _put_head_back(place: Place, worktree: Worktree, request: Commit, state: State) -> None:
    """Make the story's branch what HEAD is, without touching a file."""
    forget_unfinished(worktree)
    ref = place.story_ref(request.story_id)
    if state.branch == ref:
        return
    found = place.refs(ref).get(ref)
    if found is not None and found.worktree not in {None, worktree.path}:
        raise GitRefused(
            f"{place.story_branch(request.story_id)} is checked out in {found.worktree}"
        )
    if found is not None and not place.is_ancestor(found.commit, state.head):
        who = Occupant(story_id=request.story_id, attempt=request.attempt)
        keep(place, who, head=found.commit)
    place.git.run("update_ref", ref, state.head)
    worktree.git.run("symbolic_ref", "HEAD", ref)


def _without_secrets(
    place: Place, worktree: Worktree, request: Commit, state: State, cleaned: Cleaned
) -> State:
    """Make the story's branch the commit without secret files, and forget those with them.

    The files stay where they are; of those that are nowhere any more the bytes are kept.
    """
    keep_lost_secrets(place, worktree, cleaned.without, base=request.base, head=state.head)
    ref = place.story_ref(request.story_id)
    place.git.run("update_ref", "-m", "prd-supervise: no secrets", ref, cleaned.commit, state.head)
    forget_log(place, worktree, ref)
    take_out(worktree.git, cleaned.without)
    return replace(state, head=cleaned.commit)


def _told_of(leaks: Mapping[str, Leak]) -> str:
    """Say what must not be merged as it is: the next attempt reads it and does otherwise."""
    if not leaks:
        return ""
    name, leak = next(iter(leaks.items()))
    rest = f" (and {len(leaks) - 1} other files)" if len(leaks) > 1 else ""
    values = ", ".join(leak.values)
    return (
        f"{name}{rest} held the value of {values}, which must never be committed, and has a mark "
        "in its place now; let the program read it when it runs"
    )


def _known_files(worktree: Worktree, branch: Branch) -> set[bytes]:
    """Our own files that git knows, whatever stands in their place now."""
    out = worktree.git.run("ls_files", "-z", "--", *sorted(branch.own_files)).out
    return {name for name in out.split(b"\0") if os.fsdecode(name) in branch.own_files}


def _commit_index(place: Place, worktree: Worktree, request: Commit) -> str:
    subject = one_line(place.hiding.text(f"{request.story_id}: {request.title}"))
    if request.partial:
        subject += f" (attempt {request.attempt}, partial)"
    options = ("--quiet", "--no-verify", "--no-edit", "--cleanup=verbatim", "-m", subject)
    answer = worktree.git.ask("commit", *options)
    # With nothing to commit git exits with 1 and says so on its output, not as an error.
    if answer.status != 0 and (answer.status != 1 or answer.err):
        raise refusal("commit", answer)
    return worktree.git.run("rev_parse", "HEAD").line
