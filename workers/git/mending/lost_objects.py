"""What a `git prune` took that our worktrees name: HEAD goes back, and git reads the files anew.

It may take what was written after it looked and before anything held it. The files still stand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from ..commands import GitRefused
from ..place import Branch, Place
from ..salvage.keeping import is_whole
from ..worktree.worktrees import Worktree, find_worktree
from .torn_refs import commits_in

_LOST = re.compile(
    "objects were removed|bad object|not a tree object|[Ii]nvalid object|not a valid object"
    "|unable to read|bad tree object|missing (?:blob|tree|commit|object)|[Cc]ould not parse object"
)
_SUBMODULE = b"160000"


def make_whole(place: Place, branch: Branch | None, refused: GitRefused) -> bool:
    """Let no worktree of ours name what is gone; True if one did, and the request can go on."""
    if not _LOST.search(str(refused)):
        return False
    known = branch.ref if branch is not None and is_whole(place, branch.ref, known="") else ""
    paths = (place.own_worktree, *(path for _, path in place.slots()))
    found = [worktree for path in paths if (worktree := find_worktree(place, path)) is not None]
    return True in {_is_mended(place, worktree, known) for worktree in found}


def _is_mended(place: Place, worktree: Worktree, known: str) -> bool:
    went_back = _go_back(place, worktree, known)
    if went_back:
        _forget_trees(worktree)
    wrote = _write_blobs(place, worktree)
    if went_back or wrote:
        text = f"git had lost objects of {worktree.path} (`git prune`?)"
        place.tell(f"{text}: they are made again from its files")
    return went_back or wrote


def _go_back(place: Place, worktree: Worktree, known: str) -> bool:
    """Bring HEAD to the last commit of its log that is whole; no file is touched."""
    head = worktree.git.ask("rev_parse", "--verify", "--quiet", "HEAD").line
    if not head or is_whole(place, head, known=known):
        return False
    shown = worktree.git.ask("symbolic_ref", "--quiet", "HEAD").line
    is_ours = place.owns_ref(shown)
    logs = (place.common_dir / "logs" / shown,) if is_ours else ()
    before = [each for log in (*logs, worktree.admin / "logs/HEAD") for each in commits_in(log)]
    for commit in dict.fromkeys(before):
        if place.has_commit(commit) and is_whole(place, commit, known=known):
            # A branch that is not ours stays where it is.
            words = () if is_ours else ("--no-deref",)
            note = "prd-supervise: git had lost objects"
            worktree.git.run("update_ref", *words, "-m", note, "HEAD", commit)
            return True
    return False


def _forget_trees(worktree: Worktree) -> None:
    """Let the index not remember trees of what is not in HEAD: git would write none again."""
    out = worktree.git.run("diff", "--cached", "--name-only", "--no-renames", "-z", "HEAD").out
    changed = set(out.split(b"\0")[:-1])
    there = {name: line for line, _, name in _entries(worktree) if name in changed}
    told = b"".join(line + b"\0" for line in there.values())
    worktree.git.run("update_index", "-z", "--index-info", stdin=told)
    _take_out(worktree, changed - there.keys())


def _write_blobs(place: Place, worktree: Worktree) -> bool:
    """Write what the index names in vain, of the files; `git add` does the rest."""
    lost = _lost_files(place, worktree)
    files = [name for name in lost if b"\n" not in name and _is_file(worktree, name)]
    if files:
        given = b"".join(name + b"\n" for name in files)
        worktree.git.run("hash_object", "-w", "--stdin-paths", stdin=given)
    if lost:
        _take_out(worktree, _lost_files(place, worktree))
    return bool(lost)


def _take_out(worktree: Worktree, names: Iterable[bytes]) -> None:
    told = b"".join(name + b"\0" for name in names)
    worktree.git.run("update_index", "--force-remove", "-z", "--stdin", stdin=told)


def _lost_files(place: Place, worktree: Worktree) -> list[bytes]:
    entries = [(blob, name) for _, blob, name in _entries(worktree)]
    asked = b"".join(blob + b"\n" for blob in {blob for blob, _ in entries})
    out = place.git.run("cat_file", "--batch-check", stdin=asked).out
    gone = {line.split(b" ")[0] for line in out.split(b"\n") if line.endswith(b" missing")}
    return list(dict.fromkeys(name for blob, name in entries if blob in gone))


def _entries(worktree: Worktree) -> list[tuple[bytes, bytes, bytes]]:
    """The lines of the index with their blob and file, but those of submodules."""
    lines = worktree.git.run("ls_files", "--stage", "-z").out.split(b"\0")[:-1]
    split = [(line, *line.partition(b"\t")[::2]) for line in lines]
    return [(a, b.split(b" ")[1], name) for a, b, name in split if not a.startswith(_SUBMODULE)]


def _is_file(worktree: Worktree, name: bytes) -> bool:
    path = worktree.path / os.fsdecode(name)
    return path.is_file() and not path.is_symlink()
