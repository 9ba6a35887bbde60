"""A worktree as trees: its files, what is staged besides, and the three sides of its conflicts."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..commands import Answer, Commands, refusal

# What `git add` may leave out: an empty repository, what nobody may read, a pipe, a socket, and
# names that mean git's own folder on some system.
_LEFT_OUT = re.compile(
    r"does not have a commit checked out$|can only add regular files, "
    r"|: Permission denied$|unable to index file '.*'$|adding files failed$"
    r"|invalid path '.*'$|unable to add '.*' to index$"
)
_SCRATCH = "prd-supervise.index"
_STAGES = {"1": "base", "2": "ours", "3": "theirs"}


@contextmanager
def scratch_index(admin: Path, *, is_copy: bool = True) -> Iterator[Path]:
    """A copy of the worktree's index: it spares reading every file, and the real one stays."""
    index = admin / _SCRATCH
    index.unlink(missing_ok=True)  # a salvage that was killed left it
    if is_copy and (admin / "index").is_file():
        shutil.copy2(admin / "index", index)
    try:
        yield index
    finally:
        index.unlink(missing_ok=True)


def add_everything(git: Commands) -> bool:
    """Bring all that is not ignored into the index; False where git cannot take something in."""
    answer = git.ask("add", "--all", "--sparse")
    if answer.status != 0:
        answer = git.ask("add", "--all", "--sparse", "--ignore-errors")
    if answer.status != 0 and not _is_bearable(answer):
        raise refusal("add", answer)
    return answer.status == 0 and "could not open directory" not in answer.err


def left_out(git: Commands) -> tuple[str, ...]:
    """The files that `add_everything` could not take; repositories are not among them."""
    others = git.run("ls_files", "--others", "--exclude-standard", "-z").out
    changed = git.run("diff_files", "--name-only", "--diff-filter=M", "-z").out
    names = (os.fsdecode(name) for name in (others + changed).split(b"\0") if name)
    return tuple(dict.fromkeys(name for name in names if not name.endswith("/")))


def conflict_tree(git: Commands, index: Path) -> str:
    """A tree of the sides of all conflicts, as base/, ours/ and theirs/; "" without a conflict.

    The conflicts leave the `index`, which is a scratch one that `git` works on.
    """
    entries = []
    for line in git.run("ls_files", "--unmerged", "-z").out.split(b"\0"):
        about, _, path = line.partition(b"\t")
        if path:
            mode, blob, stage = about.decode("ascii").split(" ")
            entries.append((mode, blob, _STAGES[stage], path))
    if not entries:
        return ""
    lines = [
        f"{mode} {blob}\t{side}/".encode() + path + b"\0" for mode, blob, side, path in entries
    ]
    sides = index.with_name("prd-supervise.sides")
    sides.unlink(missing_ok=True)
    other = git.with_index(sides)
    other.run("update_index", "-z", "--index-info", stdin=b"".join(lines))
    tree = other.run("write_tree").line
    sides.unlink(missing_ok=True)
    gone = dict.fromkeys(path for _, _, _, path in entries)
    no_blob = "0" * len(entries[0][1])
    told = b"".join(f"0 {no_blob}\t".encode() + path + b"\0" for path in gone)
    git.run("update_index", "-z", "--index-info", stdin=told)
    return tree


def index_tree(git: Commands) -> str:
    """What is staged, as a tree."""
    return git.run("write_tree").line


def _is_bearable(answer: Answer) -> bool:
    """Tell a file that cannot be read from a disk that is full: that one must not pass."""
    lines = (line for line in answer.err.splitlines() if line.startswith(("error:", "fatal:")))
    return all(_LEFT_OUT.search(line) for line in lines)
