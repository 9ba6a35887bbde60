"""Whether one more worktree can be made here: room on the disk, and a file system that lets us."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...policies.sizes import size_text
from .commands import GitKilledError, GitRefused
from .place import Place

# These failures say nothing about the place: what is asked for is wrong, or not there.
_NOT_THE_PLACE = re.compile(
    r"invalid reference|not a valid|bad object|unable to read|corrupt|not a commit"
    r"|already (?:checked out|used by)|packed-refs"
)


class NoRoomError(GitRefused):
    """No further worktree can be made; those that stand can be worked in."""


def check_room(place: Place) -> None:
    """Refuse while the disk of the worktrees has less left than `[worktree] free_min`."""
    least = place.rules.worktree.free_bytes_min
    if not least:
        return
    found = _free(place)
    free = found.f_bavail * found.f_frsize
    if free < least:
        raise NoRoomError(
            f"{size_text(free)} are free on the disk of {place.worktrees}, less than "
            f"{size_text(least)}; make room, or set [worktree] free_min or root"
        )


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
