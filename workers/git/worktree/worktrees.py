"""Our linked worktrees: how they are found, mended, made, brought to a commit and removed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec import Struct

from ..commands import Answer, Commands, GitRefused
from ..mending.half_made import admin_of, is_whole, mended, note_removal, set_aside
from ..occupants import check_owner
from ..place import Place
from ..salvage.salvaged import Salvaged
from ..secrets.sweep import put_away
from . import sparse, submodules
from .room import check_room, no_room

_UNFINISHED = (
    "rebase-merge",
    "rebase-apply",
    "sequencer",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_START",
    "BISECT_LOG",
)


class Worktree(Struct, frozen=True, kw_only=True):
    """A linked worktree; `admin` is its folder inside the repository's git directory.

    `git` is told both, so that an agent that removes or replaces .git cannot lead it astray.
    """

    path: Path
    admin: Path
    git: Commands


class State(Struct, frozen=True, kw_only=True):
    """What a worktree shows: HEAD's commit ("": none yet) and branch ("": detached)."""

    head: str
    branch: str
    dirty: frozenset[bytes]
    has_conflicts: bool = False  # of a merge or a stash that nobody has resolved
    has_staged: bool = False  # what is in no file: it was changed once more, or removed


def find_worktree(place: Place, path: Path) -> Worktree | None:
    """Find one of our worktrees, mended if need be; None where there is none to go on with."""
    admin = admin_of(place, path)
    if admin is not None:
        check_owner(path, admin, prd_id=place.prd_id)
    if admin is None or not is_whole(path, admin):
        with place.locked():
            admin = mended(place, path, admin)
    if admin is None:
        return None
    environment = {"GIT_DIR": str(admin), "GIT_WORK_TREE": str(path)}
    options = sparse.OPTIONS if sparse.is_sparse(place.rules.worktree.sparse, admin) else ()
    git = place.git.at(path, environment=environment, options=options)
    sparse.reread(git, admin)
    return Worktree(path=path, admin=admin, git=git)


def standing(place: Place) -> list[tuple[int, Worktree]]:
    """The slots that have a worktree."""
    found = ((number, find_worktree(place, path)) for number, path in place.slots())
    return [(number, worktree) for number, worktree in found if worktree is not None]


def state_of(worktree: Worktree) -> State:
    """Read HEAD, its branch and what is not committed."""
    _overlook_nothing(worktree)
    options = ("--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--no-renames")
    head, branch, dirty, has_conflicts, has_staged = "", "", set(), False, False
    for line in worktree.git.run("status", *options).out.split(b"\0"):
        kind, _, rest = line.partition(b" ")
        match kind:
            case b"#":
                name, _, value = os.fsdecode(rest).partition(" ")
                if name == "branch.oid" and value != "(initial)":
                    head = value
                if name == "branch.head" and value != "(detached)":
                    branch = f"refs/heads/{value}"
            case b"?":
                dirty.add(rest)
            case b"1":
                dirty.add(rest.split(b" ", 7)[-1])
                has_staged |= b"." not in rest[:2] and rest[:1] != b"D"
            case b"u":
                dirty.add(rest.split(b" ", 9)[-1])
                has_conflicts = True
            case _:
                continue
    return State(
        head=head,
        branch=branch,
        dirty=frozenset(dirty),
        has_conflicts=has_conflicts,
        has_staged=has_staged,
    )


def _overlook_nothing(worktree: Worktree) -> None:
    """Take back what an agent told git to overlook: what it did to such files is its work, too.

    In a sparse worktree what is not shown is left out in this way; git looks at the rest by itself.
    """
    lines = worktree.git.run("ls_files", "-v", "-z").out.split(b"\0")
    marked = [(line[:1], line[2:]) for line in lines if line[:1] == b"S" or line[:1].islower()]
    assumed = [name for tag, name in marked if tag.islower()]
    skipped = (
        []
        if sparse.is_sparse((), worktree.admin)
        else [name for tag, name in marked if tag in b"Ss"]
    )
    for word, names in (("assume-unchanged", assumed), ("skip-worktree", skipped)):
        if names:
            stdin = b"".join(name + b"\0" for name in names)
            worktree.git.run("update_index", f"--no-{word}", "-z", "--stdin", stdin=stdin)


def add_worktree(place: Place, path: Path, *arguments: str) -> Worktree:
    """Make a worktree; `arguments` are those of `git worktree add`, the commit last.

    NoRoomError where the place has no room for it.
    """
    check_room(place, arguments[-1])
    folders = place.rules.worktree.sparse
    later = ("--no-checkout",) if folders else ()
    with place.locked():
        try:
            # Forced, because a folder that vanished may still be registered at this path.
            git = place.git.without_smudging()
            git.run("worktree", "add", "--quiet", "--force", *later, *arguments)
        except (GitRefused, OSError) as error:
            raise no_room(place, error) or error from error
    worktree = find_worktree(place, path)
    if worktree is None:
        raise GitRefused(f"git worktree add: there is no worktree at {path} afterwards")
    if sparse.is_sparse(folders, worktree.admin):  # git hands on what the user's own checkout shows
        with sparse.shown(folders, worktree.admin):
            sparse.populate(worktree.git.without_smudging())
    submodules.follow(place, worktree.path, worktree.admin, worktree.git)
    return worktree


def move_worktree(place: Place, worktree: Worktree, path: Path) -> Worktree | None:
    """Let a worktree stand elsewhere on the same disk, which needs no room."""
    with place.locked():
        words = ("move", "--force", "--force", "--", str(worktree.path), str(path))
        place.git.run("worktree", *words)
    return find_worktree(place, path)


def forget_unfinished(worktree: Worktree) -> None:
    """Drop a rebase, a pick or a bisect that an agent left half-way: its files stay as they are.

    A half-made merge stays, because it only needs its commit.
    """
    for name in _UNFINISHED:
        path = worktree.admin / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def bring_to(place: Place, worktree: Worktree, kept: Salvaged, *arguments: str) -> Answer:
    """Let a worktree show a commit; `arguments` are those of `git checkout`."""
    kept.check(worktree.path)
    forget_unfinished(worktree)
    with sparse.shown(place.rules.worktree.sparse, worktree.admin):
        git = worktree.git.without_smudging()
        answer = git.run("checkout", "--quiet", "--force", *arguments)
    submodules.follow(place, worktree.path, worktree.admin, worktree.git)
    return answer


def check_out(place: Place, worktree: Worktree, kept: Salvaged, *arguments: str) -> None:
    """Bring a worktree to a commit and sweep it; ignored files stay, they are warm caches."""
    kept.check(worktree.path)
    put_away(place, worktree.git, worktree.path, worktree.admin)
    answer = bring_to(place, worktree, kept, *arguments)
    worktree.git.run("clean", "-fd", "--quiet")
    if kept.has_repositories or "unable to rmdir" in answer.err:
        set_repositories_aside(place, worktree)


def set_repositories_aside(place: Place, worktree: Worktree) -> None:
    """Move repositories that an agent made inside the worktree out of it.

    Git neither commits their files nor removes them, and the next story must not find them.
    """
    for name in sorted(state_of(worktree).dirty):
        found = worktree.path / os.fsdecode(name).rstrip("/")
        if name.endswith(b"/") and found.is_dir():
            aside = set_aside(place, found, label=f"{worktree.path.name}-{found.name}")
            place.tell(f"{found} is a repository of its own: it is {aside} now", event="set_aside")


def remove_worktree(place: Place, worktree: Worktree, kept: Salvaged) -> None:
    """Remove a worktree with everything in it, ignored files too. The caller holds the lock."""
    kept.check(worktree.path)
    put_away(place, worktree.git, worktree.path, worktree.admin)
    note_removal(worktree.admin)
    place.git.run("worktree", "remove", "--force", "--force", "--", str(worktree.path))
