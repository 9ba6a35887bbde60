"""Trees and commits that are made without a worktree."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

from msgspec import Struct

from .commands import Commands
from .tree_objects import changed_tree

_PLAIN_FILE = "100644"
_FILES = (_PLAIN_FILE, "100755")
_KINDS = {"120000": "a symbolic link", "160000": "a submodule", "040000": "a folder"}


class Entry(Struct, frozen=True, kw_only=True):
    """A file in a tree; an empty `blob` is no file, and a size of -1 is not known."""

    mode: str
    blob: str
    size: int = -1

    @property
    def is_file(self) -> bool:
        """Say whether it is there and is a regular file."""
        return bool(self.blob) and self.mode in _FILES

    @property
    def kind(self) -> str:
        """What stands there instead of a regular file, in words."""
        return _KINDS.get(self.mode, "no regular file")

    def holding(self, blob: str) -> Entry:
        """A regular file with this content, executable if this one is."""
        return Entry(mode=self.mode if self.mode in _FILES else _PLAIN_FILE, blob=blob)


def path_text(path: bytes) -> str:
    """A path as text, whatever bytes are in it; with a backslash it is not the path any more."""
    return path.decode("utf-8", "backslashreplace")


NO_FILE = Entry(mode=_PLAIN_FILE, blob="")


@functools.lru_cache(maxsize=64)
def entry_at(git: Commands, commit: str, path: str) -> Entry:
    """Look a file up in a commit or tree, which never changes: so it has to be its own name."""
    found = git.run("ls_tree", "-z", "--long", "--full-tree", commit, "--", path).line
    if not found:
        return NO_FILE
    mode, _, blob, size = found.partition("\t")[0].split()
    return Entry(mode=mode, blob=blob, size=int(size) if size.isdecimal() else -1)


def entries_below(git: Commands, commit: str, folder: str) -> dict[str, Entry]:
    """All files of a folder, by their paths from the root."""
    out = git.run("ls_tree", "-r", "-z", "--full-tree", commit, "--", f"{folder}/").out
    found = {}
    for line in out.split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, _, blob = about.decode("ascii").split(" ")
        found[os.fsdecode(path)] = Entry(mode=mode, blob=blob)
    return found


def commit_file(git: Commands, *, parent: str, path: str, entry: Entry, subject: str) -> str:
    """Make a commit on top of `parent` in which only this file differs."""
    return commit_entries(git, parent=parent, entries=((path, entry),), subject=subject)


def commit_entries(
    git: Commands, *, parent: str, entries: Sequence[tuple[str, Entry]], subject: str
) -> str:
    """Make a commit on top of `parent` in which these files are so; one without a blob is gone."""
    tree = tree_with(git, parent, entries)
    return commit_tree(git, tree, parents=(parent,), message=subject)


def tree_with(git: Commands, tree: str, entries: Sequence[tuple[str, Entry]]) -> str:
    """Make the tree of a commit or tree in which these files are so; one without a blob is gone."""
    return changed_tree(git, tree, {path: (each.mode, each.blob) for path, each in entries})


def commit_tree(git: Commands, tree: str, *, parents: tuple[str, ...], message: str) -> str:
    """Make a commit that no ref shows yet."""
    named = [word for parent in parents for word in ("-p", parent)]
    return git.run("commit_tree", tree, *named, stdin=message.encode()).line
