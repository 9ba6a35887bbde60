"""Trees and commits that are made without a worktree."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from .commands import Commands

_PLAIN_FILE = "100644"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in a tree; an empty `blob` is no file."""

    mode: str
    blob: str


def entry_at(git: Commands, commit: str, path: str) -> Entry:
    """Look a file up in a commit."""
    found = git.run("ls_tree", "-z", "--full-tree", commit, "--", path).line
    if not found:
        return Entry(mode=_PLAIN_FILE, blob="")
    mode, _, blob = found.partition("\t")[0].split(" ")
    return Entry(mode=mode, blob=blob)


def commit_file(git: Commands, *, parent: str, path: str, entry: Entry, subject: str) -> str:
    """Make a commit on top of `parent` in which only this file differs."""
    with tempfile.TemporaryDirectory(prefix="prd-supervise-") as folder:
        scratch = git.with_index(Path(folder) / "index")
        scratch.run("read_tree", parent)
        scratch.run("update_index", "--add", "--cacheinfo", f"{entry.mode},{entry.blob},{path}")
        tree = scratch.run("write_tree").line
    return commit_tree(git, tree, parents=(parent,), message=subject)


def commit_tree(git: Commands, tree: str, *, parents: tuple[str, ...], message: str) -> str:
    """Make a commit that no ref shows yet."""
    named = [word for parent in parents for word in ("-p", parent)]
    return git.run("commit_tree", tree, *named, stdin=message.encode()).line
