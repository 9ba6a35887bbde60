"""Who has a branch checked out: moving it under somebody would look like a change of his."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from ..commands import Commands
from ..place import Place

# Git that is killed on its way through somebody's files leaves them half-way: it takes its time.
CHECKOUT_TIMEOUT_S = 1800.0
_BUSY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "sequencer")
_HEAD_NAMES = ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START")


class Checkout(Struct, frozen=True, kw_only=True):
    """A worktree that shows a branch; `git` works there. `problem`: why it must be left alone.

    `admin` is git's own folder of it; `is_dirty`: the problem is that it has changes.
    """

    path: Path
    git: Commands
    admin: Path
    problem: str = ""
    is_dirty: bool = False


def checkouts_of(place: Place, ref: str) -> tuple[Checkout, ...]:
    """All worktrees that have the branch checked out, or that a rebase will bring back to it."""
    shown = [_checkout(place, path) for path in _showing(place, ref)]
    rebased = [
        Checkout(
            path=admin,
            git=place.git,
            admin=admin,
            problem=f"a rebase or bisect of it goes on in {path}",
        )
        for admin, path in _admins(place).items()
        if any(_names(admin / name, ref) for name in _HEAD_NAMES)
    ]
    return (*shown, *rebased)


def _showing(place: Place, ref: str) -> list[Path]:
    found: list[Path] = []
    path = ""
    for line in place.git.run("worktree", "list", "--porcelain", "-z").out.split(b"\0"):
        word, _, value = os.fsdecode(line).partition(" ")
        if word == "worktree":
            path = value
        elif word == "branch" and value == ref:
            found.append(Path(path))
    return found


def _checkout(place: Place, path: Path) -> Checkout:
    admin = next((admin for admin, at in _admins(place).items() if _is_same(at, path)), None)
    if admin is None or not path.is_dir():
        problem = f"it is checked out in {path}, which is not there (`git worktree prune`)"
        return Checkout(path=path, git=place.git, admin=place.common_dir, problem=problem)
    environment = {"GIT_DIR": str(admin), "GIT_WORK_TREE": str(path)}
    git = place.git.at(path, environment=environment, timeout_s=CHECKOUT_TIMEOUT_S)
    busy = next((name for name in _BUSY if (admin / name).exists()), "")
    if busy:
        problem = f"it is checked out in {path}, where something goes on ({busy})"
        return Checkout(path=path, git=git, admin=admin, problem=problem)
    # Untracked files are no change of the branch; git does not write over them.
    is_dirty = bool(git.run("status", "--porcelain", "--untracked-files=no").out)
    problem = f"it is checked out in {path} with changes that are not committed" if is_dirty else ""
    return Checkout(path=path, git=git, admin=admin, problem=problem, is_dirty=is_dirty)


def _admins(place: Place) -> dict[Path, Path]:
    """The administration of each worktree, and where the worktree is."""
    found = {place.common_dir: place.common_dir.parent}
    for pointer in place.common_dir.glob("worktrees/*/gitdir"):
        target = os.fsdecode(pointer.read_bytes()).rstrip("\n")
        found[pointer.parent] = Path(os.path.realpath((pointer.parent / target).parent))
    return found


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _names(file: Path, ref: str) -> bool:
    """Say whether git has noted this branch there, to come back to it."""
    if not file.is_file():
        return False
    noted = file.read_text("utf-8", "replace").strip()
    return noted in {ref, ref.removeprefix("refs/heads/")}
