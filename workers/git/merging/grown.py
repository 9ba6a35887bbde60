"""What a story has so far, as a commit in the scratch store: its agent notices nothing of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

from msgspec import Struct

from ....policies.values import replace
from ...messages.growth import Growing
from ...secrecy.names import SecretNames
from ..commands import Commands, GitRefused
from ..mending.half_made import admin_of, is_whole
from ..place import Branch, Place
from ..salvage.snapshot import add_everything
from ..trees import commit_tree
from .scratch import Scratch

FILES_MAX = 5_000  # that a story changed; one that changed more meets everybody anyway


class Grown(Struct, frozen=True, kw_only=True):
    """A state of a story's work. `tree` is what stood in its worktree, our own files included."""

    commit: str
    base: str
    changed: frozenset[bytes]
    tree: str = ""
    head: str = ""
    folders: frozenset[bytes] = frozenset()

    def meets(self, other: Grown) -> bool:
        """Say whether both changed one path, or one a path below what the other one changed."""
        return not (
            self.changed.isdisjoint(other.changed)
            and self.changed.isdisjoint(other.folders)
            and self.folders.isdisjoint(other.changed)
        )

    def touches(self, path: bytes) -> bool:
        """Say whether the story changed this path, or one below or above it."""
        return path in self.changed or path in self.folders or bool(_above(path) & self.changed)


def finished(git: Commands, growing: Growing, known: Grown | None) -> Grown:
    """The work of a story whose agent is over: its branch has all of it."""
    if known is not None and (known.commit, known.base) == (growing.head, growing.base):
        return known
    return _grown(git, growing.head, growing.base)


def moved(git: Commands, head: str, base: str) -> Grown:
    """What the PRD's branch got since a story began."""
    return _grown(git, head, base)


def unfinished(
    place: Place, branch: Branch, scratch: Scratch, growing: Growing, known: Grown | None
) -> Grown | None:
    """What stands in the worktree of a story at work; None where git cannot read it just now."""
    path = Path(growing.worktree)
    admin = admin_of(place, path)
    if admin is None or not is_whole(path, admin):
        return None
    index = scratch.folder / f"{path.name}.index"
    _take_index(admin / "index", index)
    git = scratch.git_in(path, admin, index)
    add_everything(git)
    head = git.run("rev_parse", "HEAD").line
    tree = git.run("write_tree").line
    if known is not None and (known.tree, known.head, known.base) == (tree, head, growing.base):
        return known
    changed = _changed(git, growing.base, tree)
    own = changed & frozenset(map(os.fsencode, branch.own_files))
    is_secret = SecretNames(place.rules.secrets.files).match
    secret = frozenset(filter(is_secret, changed)) - own
    cleared = _without(git, growing.base, own, secret) if own or secret else tree
    commit = commit_tree(git, cleared, parents=(head,), message="so far\n")
    return replace(_of(commit, growing.base, changed - own), tree=tree, head=head)


def _take_index(theirs: Path, ours: Path) -> None:
    """Begin with a copy of the agent's, which spares reading every file; then go on with ours.

    Ours knows also what the agent has not added, so that the next look reads only what is new.
    """
    ours.with_name(f"{ours.name}.lock").unlink(missing_ok=True)  # of a git that was too slow
    note = ours.with_name(f"{ours.name}.of")
    found = theirs.stat()
    mark = f"{found.st_ino} {found.st_mtime_ns} {found.st_size}"
    if not (ours.is_file() and note.is_file() and note.read_text() == mark):
        shutil.copy2(theirs, ours)
        note.write_text(mark)


def _without(git: Commands, base: str, own: frozenset[bytes], secret: frozenset[bytes]) -> str:
    """The tree with our own files as they are in the base, and without secrets that are not in it.

    What agents write into our files is no work of theirs, and secrets are in no commit.
    """
    names = sorted(own | secret)
    out = git.run("ls_tree", "-z", "--full-tree", base, "--", *map(os.fsdecode, names)).out
    told = dict.fromkeys(names, b"0 " + b"0" * len(base))
    for line in out.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, blob = about.split(b" ")
        if name in own:
            told[name] = mode + b" " + blob
        else:
            del told[name]  # it is tracked, so it is no secret
    lines = b"".join(about + b"\t" + name + b"\0" for name, about in told.items())
    git.run("update_index", "-z", "--index-info", stdin=lines)
    return git.run("write_tree").line


def _grown(git: Commands, commit: str, base: str) -> Grown:
    return _of(commit, base, _changed(git, base, commit))


def _of(commit: str, base: str, changed: frozenset[bytes]) -> Grown:
    folders = frozenset(above for path in changed for above in _above(path))
    return Grown(commit=commit, base=base, changed=changed, folders=folders)


def _above(path: bytes) -> frozenset[bytes]:
    """The folders that a path is in."""
    return frozenset(os.fsencode(each) for each in PurePosixPath(os.fsdecode(path)).parents) - {
        b"."
    }


def _changed(git: Commands, base: str, tree: str) -> frozenset[bytes]:
    out = git.run("diff_tree", "-r", "-z", "--name-only", "--no-renames", base, tree).out
    names = out.split(b"\0")[:-1]
    if len(names) > FILES_MAX:
        raise GitRefused(f"it changed {len(names)} files, too many to compare")
    return frozenset(names)
