"""Whether one more worktree can be made here: room on the disk, and a file system that lets us."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ....policies.sizes import size_text
from ..commands import GitKilledError, GitRefused
from ..place import Place

# These failures say nothing about the place: what is asked for is wrong, or not there.
_NOT_THE_PLACE = re.compile(
    r"invalid reference|not a valid|bad object|unable to read|corrupt|not a commit"
    r"|already (?:checked out|used by)|packed-refs"
)

_SCARCE_BYTES = 8 << 30  # with less it is worth while to add the files up
_BLOCK_BYTES = 4096


class NoRoomError(GitRefused):
    """No further worktree can be made; those that stand can be worked in."""


def check_room(place: Place, commit: str) -> None:
    """Refuse while the worktree's disk has less left than its files or `free_min` take.

    A git that finds out half-way has taken the room of agents at work meanwhile.
    """
    found = _free(place)
    free = found.f_bavail * found.f_frsize
    least = place.rules.worktree.free_bytes_min
    if free < least:
        raise NoRoomError(
            f"{size_text(free)} are free on the disk of {place.worktrees}, less than "
            f"{size_text(least)}; make room, or set [worktree] free_min or root"
        )
    if free < _SCARCE_BYTES and not place.rules.worktree.sparse:
        needed = _size_of(place, commit)
        if free < needed:
            raise NoRoomError(
                f"{size_text(free)} are free on the disk of {place.worktrees}, and the files "
                f"of a worktree take {size_text(needed)}; make room, or set [worktree] root"
            )


def _size_of(place: Place, commit: str) -> int:
    """What the files of a commit take on a disk, without those of submodules."""
    total = 0
    for line in place.git.run("ls_tree", "-r", "-z", "--long", commit).out.split(b"\0"):
        size = line.partition(b"\t")[0].rpartition(b" ")[2]
        if size.isdigit():
            total += -(-int(size) // _BLOCK_BYTES) * _BLOCK_BYTES
    return total


def no_room(place: Place, error: Exception) -> NoRoomError | None:
    """What a failed attempt to make a worktree says about the place; None: nothing."""
    if isinstance(error, GitRefused):
        is_other = (
            isinstance(error, GitKilledError)
            or error.has_half_worktree
            or error.lock is not None
            or error.empty_object is not None
            or _NOT_THE_PLACE.search(str(error)) is not None
        )
        return None if is_other else NoRoomError(f"{error} ({_figures(place)})")
    return NoRoomError(f"{error} ({_figures(place)})") if isinstance(error, OSError) else None


def _figures(place: Place) -> str:
    """What is left there: git does not always say why it could not write."""
    found = _free(place)
    inodes = "" if found.f_favail or not found.f_files else "and no inode "
    size = size_text(found.f_bavail * found.f_frsize)
    return f"{size} {inodes}left on the disk of {place.worktrees}"


def _free(place: Place) -> os.statvfs_result:
    return os.statvfs(_standing(place.worktrees))


def _standing(path: Path) -> Path:
    """The nearest folder on the way that exists."""
    return next(each for each in (path, *path.parents) if each.is_dir())
