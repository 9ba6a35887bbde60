"""What an agent did to the PRD file: changed, removed, moved away."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from ....policies.merging.prd_folders import completed_path, folder_of
from ...messages.git import Commit, PrdEdit
from ..place import Branch, Place
from ..trees import NO_FILE, Entry, entry_at
from ..worktree.worktrees import Worktree
from .prd_blob import copied

# More candidates than this on both sides, and git looks for unchanged files only.
_RENAMES_MAX = 1000


class Moved(Struct, frozen=True, kw_only=True):
    """The renames of the PRD file and of what stands in its prds/active folder, old to new."""

    names: dict[bytes, bytes]

    @property
    def paths(self) -> set[bytes]:
        """All that has to be put back."""
        return {*self.names, *self.names.values()}


def moved_along(worktree: Worktree, branch: Branch, base: str, changed: frozenset[bytes]) -> Moved:
    """Find where the agent moved the PRD to, its whole folder if that is one of prds/active."""
    prd_file = os.fsencode(branch.prd_file)
    if entry_of_index(worktree, branch.prd_file).blob:
        return Moved(names={})
    options = ("--cached", "--name-status", "-z", "--no-ext-diff", "--diff-filter=R")
    limit = f"-l{_RENAMES_MAX}"
    words = iter(worktree.git.run("diff", *options, "-M", limit, base, "--").out.split(b"\0"))
    renames = {old: next(words) for kind in words if kind for old in (next(words),)}
    names = {old: new for old, new in renames.items() if old == prd_file}
    folder = os.fsencode(folder_of(branch.prd_file))
    if folder:
        completed = os.fsencode(folder_of(completed_path(branch.prd_file)))
        names |= _with_folder(folder + b"/", completed + b"/", renames, changed)
    return Moved(names=names)


def _with_folder(
    folder: bytes, completed: bytes, renames: dict[bytes, bytes], changed: frozenset[bytes]
) -> dict[bytes, bytes]:
    """The files of a folder that stand in another one now, also where they were edited as well."""
    targets = {
        completed,  # where agents move it most, also in one that git sees no likeness in
        *(
            new.removesuffix(name)
            for old, new in renames.items()
            if old.startswith(folder) and new.endswith(name := old.removeprefix(folder))
        ),
    }
    pairs = ((folder + new.removeprefix(target), new) for target in targets for new in changed)
    return {old: new for old, new in pairs if old in changed and old != new}


def edit_of(
    place: Place, worktree: Worktree, branch: Branch, request: Commit, moved: Moved
) -> PrdEdit | None:
    """The file before and after, as files of ours; None where that cannot be told."""
    given = entry_at(place.git, request.base, branch.prd_file)
    if not request.copies or not given.is_file:
        return None
    folder = Path(request.copies)
    before = copied(place, given, folder / "prd-given", is_shown=True)
    left = entry_of_index(worktree, branch.prd_file)
    new = moved.names.get(os.fsencode(branch.prd_file))
    gone = ""
    if not left.blob:
        gone = "was removed" if new is None else f"was moved to {new.decode('utf-8', 'replace')}"
    elif not left.is_file:
        gone = f"was replaced by {left.kind}"
    after = None if gone else copied(place, left, folder / "prd-left", is_shown=True)
    problem = before.problem or (after.problem if after is not None else "")
    if problem:
        text = f"{branch.prd_file} was put back, but not compared: {problem}"
        place.tell(f"{request.story_id}: {text}", event="not_compared")
        if not gone:
            return None
    return PrdEdit(given=before.path, left=after.path if after is not None else "", gone=gone)


def entry_of_index(worktree: Worktree, path: str) -> Entry:
    """A file in the index: in the worktree it may be a pipe or a link to anywhere by now."""
    out = worktree.git.run("ls_files", "--stage", "-z", "--", path).out
    for line in out.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, blob, _ = about.decode("ascii").split(" ")
        if name == os.fsencode(path):
            return Entry(mode=mode, blob=blob)
    return NO_FILE
