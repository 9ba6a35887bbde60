"""The entity layer alone, without git's verdict: what it would flag of a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prd_supervise.workers.git.commands import Commands
from prd_supervise.workers.git.merging.changed import changed, merge_base
from prd_supervise.workers.git.merging.gathering import files_of
from prd_supervise.workers.merging.overlap import near, touching
from prd_supervise.workers.merging.versions import File


def foreseen(git: Commands, *, left: str, right: str) -> Mapping[str, str]:
    """Why each file would be flagged, by its path."""
    base = merge_base(git, left, right)
    sides = changed(git, base, left), changed(git, base, right)
    files, _ = files_of(git, base=base, tree="", sides=sides)
    return flagged(files)


def flagged(files: Sequence[File]) -> Mapping[str, str]:
    """Why a file would be flagged, by its path: git would refuse it, or both changed one entity."""
    found = {}
    for file in files:
        if file.is_split:
            found[file.path] = "rename"
        elif not file.is_shared:
            continue
        elif file.left is None or file.right is None:
            found[file.path] = "modify/delete"
        elif not file.is_text:
            found[file.path] = "binary"
        elif file.base is None:
            found[file.path] = "add/add"
        elif next(touching(file), None) is not None:
            found[file.path] = "touching"
        elif next(near(file), None) is not None:
            found[file.path] = "near"
    return found
