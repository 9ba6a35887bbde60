"""What a formatter made of a merge's files, taken into the commit of that merge."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ...messages.train import FormattedTaken, TakeFormatted
from ..commands import Commands, GitRefused
from ..place import Place
from ..trees import Entry, commit_tree, entry_at, tree_with
from ..worktree.worktrees import Worktree, find_worktree

BYTES_MAX = 10_000_000


def take_formatted(place: Place, request: TakeFormatted) -> FormattedTaken:
    """Make the commit anew with these files as they stand in the worktree, if one has changed.

    Nothing else of the worktree is looked at. Asked again after a SIGKILL, it does the same again.
    """
    same = FormattedTaken(number=request.number, commit=request.commit)
    worktree = find_worktree(place, Path(request.worktree))
    if worktree is None or worktree.git.run("rev_parse", "HEAD").line != request.commit:
        raise GitRefused(f"{request.worktree} does not show {request.commit[:10]} any more")
    changed: dict[str, Entry] = {}
    for path in request.paths:
        before = entry_at(place.git, request.commit, path)
        after = _taken(worktree, path, before)
        if after != before:
            changed[path] = after
    if not changed:
        return same
    tree = tree_with(place.git, request.commit, tuple(changed.items()))
    commit = _with_tree(place.git, request.commit, tree)
    return FormattedTaken(number=request.number, commit=commit, paths=tuple(changed))


def _taken(worktree: Worktree, path: str, before: Entry) -> Entry:
    """The file as it stands now, as git would take it; its mode is not a formatter's to change."""
    file = worktree.path / path
    try:
        about = os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        raise GitRefused(f"the formatter removed {path}") from None
    is_itself = file.parent.resolve() == worktree.path.resolve() / Path(path).parent
    if not (before.is_file and is_itself and stat.S_ISREG(about.st_mode)):
        raise GitRefused(f"{path} is no regular file any more")
    if about.st_size > BYTES_MAX:
        raise GitRefused(f"the formatter made {about.st_size} bytes of {path}")
    blob = worktree.git.run("hash_object", "-w", f"--path={path}", "--", path).line
    return before if blob == before.blob else before.holding(blob)


def _with_tree(git: Commands, commit: str, tree: str) -> str:
    """The commit with another tree: its parents and its message are the same."""
    about, _, message = git.run("cat_file", "commit", commit).out.decode().partition("\n\n")
    words = (line.partition(" ") for line in about.split("\n"))
    parents = tuple(value for name, _, value in words if name == "parent")
    return commit_tree(git, tree, parents=parents, message=message)
