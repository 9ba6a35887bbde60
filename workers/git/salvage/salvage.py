"""Salvage: all that stands in a worktree and is no cache is kept before it is reset or removed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress

from ..commands import Commands, GitRefused
from ..mending.half_made import set_aside
from ..occupants import NOBODY, Occupant, read_note
from ..place import Place
from ..secrets.lost import forget_log
from ..worktree import submodules
from ..worktree.embedded import take_out_embedded
from ..worktree.worktrees import State, Worktree, state_of
from .keeping import CONFLICTS, STAGED, Kept, check_whole, keep_commit, scaffold
from .salvaged import Salvaged
from .snapshot import add_everything, conflict_tree, index_tree, left_out, scratch_index
from .strays import keep_stashes, note_seen, stray_commits

TRIES_MAX = 3
_VANISHED = re.compile(
    "objects were removed|not a valid object|invalid object|unable to read|bad tree object|missing"
)
# What conflicts in these stands in commits that the worktree knows.
_OF_COMMITS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


def salvage_worktree(
    place: Place, worktree: Worktree, state: State, occupant: Occupant | None
) -> Salvaged:
    """Keep everything of a worktree that no branch holds, in one salvage ref.

    Files, what is staged besides, the sides of conflicts, commits that no ref shows any more and
    stashes that were made here. What git cannot take is set aside as it is. Ignored files are
    caches, not work.
    """
    who = occupant or Occupant(story_id="unknown", attempt=0)
    submodules.preserve(place, worktree.path, worktree.admin, worktree.git)
    for tried in range(1, TRIES_MAX + 1):
        try:
            kept = _kept(place, worktree, state, who, is_first=tried == 1)
            break
        except GitRefused as refused:
            if not _VANISHED.search(str(refused)):
                raise
            if tried == TRIES_MAX:
                text = f"objects were removed while {worktree.path} was salvaged: {refused}"
                raise GitRefused(f"{text}; is `git prune` at work?") from refused
    keep_stashes(place, worktree.admin, who)
    note_seen(worktree.admin)
    if kept is not None and kept.is_cleaned:
        forget_log(place, worktree, place.story_ref(who.story_id))
    ref = "" if kept is None else kept.ref
    has_repositories = any(name.endswith(b"/") for name in state.dirty)
    return Salvaged(worktree.path, ref, has_repositories)


def scratch_of(place: Place, worktree: Worktree) -> Salvaged:
    """Give a worktree free in which only verify commands run: they leave no work.

    Commits are work wherever somebody makes them.
    """
    noted = read_note(worktree.admin)
    is_nobodys = noted is not None and noted.story_id == NOBODY
    if not is_nobodys and worktree.path != place.own_worktree:
        raise AssertionError(f"{worktree.path} is no scratch")
    # HEAD itself is a commit of ours, which nobody misses; the log tells of those of others.
    strays = stray_commits(place, worktree.admin, head="", branch="none")
    ref = ""
    if strays:
        who = Occupant(story_id=NOBODY, attempt=0)
        ref = keep_commit(place, who, head=strays[0], more=strays[1:]).ref
        place.tell(f"kept what was committed in {worktree.path} as {ref}", event="salvaged")
    note_seen(worktree.admin)
    return Salvaged(worktree.path, ref)


def keep_conflicts(place: Place, worktree: Worktree, who: Occupant) -> None:
    """Keep the sides of conflicts that a commit is going to take for resolved."""
    if any((worktree.admin / name).exists() for name in _OF_COMMITS):
        return
    with scratch_index(worktree.admin) as index:
        sides = conflict_tree(worktree.git.with_index(index), index)
    if sides:
        keep_commit(place, who, head=scaffold(place, sides, CONFLICTS))


def keep_staged(place: Place, worktree: Worktree, who: Occupant) -> None:
    """Keep what is staged and not so in the files: a commit of these is going to forget it."""
    with scratch_index(worktree.admin) as index:
        git = worktree.git.with_index(index)
        conflict_tree(git, index)
        tree = index_tree(git)
    keep_commit(place, who, head=scaffold(place, tree, STAGED))


def keep_strays(place: Place, worktree: Worktree) -> None:
    """Keep what was committed and thrown away in a worktree that stays as it is."""
    state = state_of(worktree)
    who = read_note(worktree.admin)
    strays = stray_commits(place, worktree.admin, head=state.head, branch=state.branch)
    if strays and who is not None:
        kept = keep_commit(place, who, head=strays[0], more=strays[1:])
        note_seen(worktree.admin)
        if kept.is_cleaned:
            forget_log(place, worktree, place.story_ref(who.story_id))


def _kept(
    place: Place, worktree: Worktree, state: State, who: Occupant, *, is_first: bool
) -> Kept | None:
    strays = stray_commits(place, worktree.admin, head=state.head, branch=state.branch)
    tree, more = _trees(place, worktree, state, is_first=is_first) if state.dirty else ("", ())
    if tree and not more and state.head and tree == _tree_at(place, state.head):
        tree = ""
    if not tree and not strays:
        return None
    head = state.head if tree else strays[0]
    kept = keep_commit(place, who, head=head, tree=tree, more=(*strays, *more))
    check_whole(place, kept, known=state.head)
    return kept


def _trees(
    place: Place, worktree: Worktree, state: State, *, is_first: bool
) -> tuple[str, Sequence[str]]:
    """The files as a tree, and commits of what else the index holds."""
    with scratch_index(worktree.admin, is_copy=is_first) as index:
        git = worktree.git.with_index(index)
        sides = conflict_tree(git, index)
        staged = index_tree(git) if is_first else ""
        if not add_everything(git):
            _take_or_set_aside(place, worktree, git)
        if state.head:
            take_out_embedded(git, state.head)
        tree = index_tree(git)
    more = [scaffold(place, sides, CONFLICTS)] if sides else []
    if staged and staged not in {tree, _tree_at(place, state.head) if state.head else ""}:
        more.append(scaffold(place, staged, STAGED))
    return tree, more


def _take_or_set_aside(place: Place, worktree: Worktree, git: Commands) -> None:
    """Make readable what can be; move out what git cannot take, for the files are going to go."""
    _make_readable(worktree)
    if add_everything(git):
        return
    for name in left_out(git):
        found = worktree.path / name
        if found.is_symlink() or found.exists():
            try:
                aside = set_aside(place, found, label=f"{worktree.path.name}-{found.name}")
            except OSError as error:
                raise GitRefused(
                    f"{found} can neither be read nor moved, so it cannot be kept: "
                    f"{error.strerror}; change its owner, or remove it"
                ) from error
            place.tell(f"git cannot keep {found}: it is {aside} now", event="set_aside")


def _make_readable(worktree: Worktree) -> None:
    """Give the owner back what an agent took from him; git knows no such mode."""
    for folder, folders, files in os.walk(worktree.path):
        for name in (*folders, *files):
            path = os.path.join(folder, name)  # noqa: PTH118  many of them
            with suppress(OSError):
                found = os.lstat(path)
                wanted = stat.S_IRWXU if stat.S_ISDIR(found.st_mode) else stat.S_IRUSR
                is_link = stat.S_ISLNK(found.st_mode)
                if not is_link and found.st_mode & wanted != wanted:
                    os.chmod(path, stat.S_IMODE(found.st_mode) | wanted)  # noqa: PTH101


def _tree_at(place: Place, commit: str) -> str:
    return place.git.run("rev_parse", f"{commit}^{{tree}}").line
