"""Where worktrees and state lie: whether they can be written, and what kind of disk that is."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ....policies.sizes import size_text
from ...shell.repository.checkout import Checkout
from ...shell.storage.layout import Layout
from .words import Line, fail, ok, warn

_PLENTY = 5  # times the least that may be free
_INODES_MIN, _INODES_FEW = 2_000, 100_000
_REMOTE = frozenset("nfs nfs4 cifs smb3 smbfs 9p afs ceph fuse.sshfs virtiofs vboxsf drvfs".split())
_PLAIN = frozenset("vfat msdos exfat ntfs ntfs3 fuseblk".split())
_MOUNTS = Path("/proc/self/mountinfo")


def writable_lines(layout: Layout) -> Iterator[Line]:
    """The folders that everything is written into."""
    yield from _writable("state", layout.state_dir)
    yield from _writable("worktrees", layout.worktrees)


def disk_lines(layout: Layout, free_min: int) -> Iterator[Line]:
    """How much room there is, in bytes and in files."""
    yield _free(layout.worktrees, free_min)
    yield from _inodes(layout.worktrees)


def kind_lines(checkout: Checkout, layout: Layout, link: Sequence[str]) -> Iterator[Line]:
    """What kind of disk it is, and what finds what from there; `link` is what the settings link."""
    kind = file_system_of(layout.worktrees)
    if kind in _REMOTE or kind in _PLAIN:
        why = "it is remote" if kind in _REMOTE else "it knows no links or modes"
        advice = "put worktrees on another disk: [worktree] root"
        yield warn("file system", f"worktrees lie on {kind}: {why}", advice)
    elif kind:
        yield ok("file system", kind)
    is_node = (checkout.top / "package.json").is_file()
    is_meant = "node_modules" in {each.rstrip("/") for each in link}
    if (
        is_node
        and not is_meant
        and layout.worktrees.resolve().is_relative_to(checkout.top.resolve())
    ):
        yield warn(
            "node",
            "worktrees lie inside the checkout: node and its tools find the checkout's"
            " node_modules and settings from there",
            '[worktree] root = "../worktrees", or link = ["node_modules"] on purpose',
        )


def file_system_of(path: Path) -> str:
    """The kind of file system that a path is, or will be, on; empty where nobody says."""
    wanted = os.fspath(_existing(path).resolve())
    best, kind = "", ""
    try:
        lines = _MOUNTS.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:  # id parent dev root mount-point options ... - kind source options
        about, _, rest = line.partition(" - ")
        mount = about.split()[4].replace("\\040", " ")
        is_above = wanted == mount or wanted.startswith(mount.rstrip("/") + "/")
        if is_above and len(mount) >= len(best):
            best, kind = mount, rest.split()[0]
    return kind


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _writable(subject: str, path: Path) -> Iterator[Line]:
    folder = _existing(path)
    if not folder.is_dir():
        yield fail(subject, f"{folder} is no folder", "move it away")
    elif os.statvfs(folder).f_flag & os.ST_RDONLY:
        found = f"{folder} cannot be written: {os.strerror(errno.EROFS)}"
        yield fail(subject, found, "mount it for writing, or take another place")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield fail(subject, f"{folder} cannot be written", "take the right, or another place")
    else:
        yield ok(subject, str(path))


def _inodes(path: Path) -> Iterator[Line]:
    told = os.statvfs(_existing(path))
    if not told.f_files:  # btrfs and its like make them as they are wanted
        return
    shown = f"{told.f_favail:,} files can be made where the worktrees lie".replace(",", " ")
    if told.f_favail < _INODES_MIN:
        yield fail(
            "inodes", shown, "remove small files: `df -i` tells, `prd-supervise clean` helps"
        )
    elif told.f_favail < _INODES_FEW:
        yield warn("inodes", shown, "a night of node_modules may need more: `df -i` tells")
    else:
        yield ok("inodes", shown)


def _free(path: Path, free_min: int) -> Line:
    free = shutil.disk_usage(_existing(path)).free
    shown = f"{size_text(free)} free where the worktrees lie"
    if free < free_min:
        advice = f"make room: [worktree] free_min wants {size_text(free_min)} for a worktree"
        return fail("disk", shown, advice)
    if free < _PLENTY * free_min:
        return warn("disk", shown, "a night of builds may need more; `prd-supervise clean` helps")
    return ok("disk", shown)
