"""Repositories that an agent made inside a worktree: git keeps none of their files."""

from __future__ import annotations

import os
from pathlib import Path

from ..commands import refusal
from ..mending.half_made import set_aside
from ..place import Place
from . import submodules
from .worktrees import Worktree


def set_all_aside(place: Place, worktree: Worktree) -> tuple[Path, ...]:
    """Move every repository out of a worktree that is going to be removed, but ignored ones."""
    found = _repositories(worktree.path)
    ignored = _ignored(worktree, found) if found else frozenset()
    moved = []
    for name in found:
        path = worktree.path / name
        is_ours = submodules.holds(place, worktree.path, worktree.admin, worktree.git, path)
        if name not in ignored and not is_ours and not _is_clean_submodule(worktree, path):
            aside = set_aside(place, path, label=f"{worktree.path.name}-{path.name}")
            place.tell(f"{path} is a repository of its own: it is {aside} now", event="set_aside")
            moved.append(aside)
    return tuple(moved)


def _repositories(top: Path) -> list[str]:
    """The folders below `top` that hold a .git, the outermost ones only."""
    found = []
    for folder, folders, files in os.walk(top):
        if folder != str(top) and (".git" in folders or ".git" in files):
            found.append(os.path.relpath(folder, top))
            folders.clear()
        elif ".git" in folders:
            folders.remove(".git")
    return sorted(found)


def _ignored(worktree: Worktree, names: list[str]) -> frozenset[str]:
    """Those of the names that git ignores."""
    # The command knows no literal names; a dot before them keeps them from being magic.
    git = worktree.git.at(worktree.path, environment={"GIT_LITERAL_PATHSPECS": "0"})
    asked = b"".join(b"./" + os.fsencode(name) + b"\0" for name in names)
    answer = git.ask("check_ignore", "--no-index", "-z", "--stdin", stdin=asked)
    if answer.status not in {0, 1}:
        raise refusal("check-ignore", answer)
    return frozenset(os.fsdecode(name.removeprefix(b"./")) for name in answer.out.split(b"\0"))


def _is_clean_submodule(worktree: Worktree, path: Path) -> bool:
    """Say whether it is one that git checked out here, and nobody has worked in it.

    The history of one that somebody worked in moves into it, where it is found.
    """
    modules = worktree.admin / "modules"
    link = path / ".git"
    if not link.is_file() or not modules.is_dir():
        return False
    named = link.read_bytes().removeprefix(b"gitdir: ").rstrip(b"\n")
    home = Path(os.path.realpath(path / os.fsdecode(named)))
    if not home.is_relative_to(modules) or not home.is_dir():
        return False
    environment = {"GIT_DIR": str(home), "GIT_WORK_TREE": str(path)}
    git = worktree.git.at(path, environment=environment)
    status = git.ask("status", "--porcelain", "-z")
    own = git.ask("rev_list", "--max-count=1", "HEAD", "--branches", "--not", "--remotes")
    if status.status == own.status == 0 and not status.out and not own.out:
        return True
    git.ask("config", "--unset", "core.worktree")
    link.unlink()
    home.rename(link)
    return False
