"""A checkout that git was bringing along when it was killed: told from what somebody has edited.

Git writes the files, then the index, then the branch. So each file of such a checkout is as before,
as it was to become, not there, or the beginning of what it was to become; and nothing else differs.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from ..blobs import read_blobs
from ..commands import Commands
from .checkouts import Checkout

# Git writes as many files at once as there are cores.
_BEGUN_MAX = 256
_BYTES_MAX = 64 << 20


def is_half_way(checkout: Checkout, tree: str) -> bool:
    """Say whether all that differs from its branch stands on its way to the tree."""
    git = checkout.git
    ours = _differing(git, "HEAD", tree)
    changed = {*_differing(git, "HEAD"), *_differing(git, "--cached", "HEAD")}
    foreign = {*_differing(git, "--cached", "HEAD")} & {*_differing(git, "--cached", tree)}
    if not changed or foreign or not changed <= ours.keys():
        return False
    there = {name: ours[name] for name in changed if os.path.lexists(checkout.path / name)}
    begun = _other_than(git, there)
    if len(begun) > _BEGUN_MAX:
        return False
    blobs = read_blobs(git, begun.values(), bytes_max=_BYTES_MAX, total_max=_BYTES_MAX)
    return all(_is_begun(checkout.path / name, blobs.get(blob)) for name, blob in begun.items())


def how_to_finish(checkout: Checkout, commit: str) -> str:
    """What to type, for who finds it."""
    words = ["git", "-C", str(checkout.path), "reset", "--hard", commit[:12]]
    lock = checkout.admin / "index.lock"
    remove = f"{shlex.join(['rm', str(lock)])} && " if lock.exists() else ""
    return f"`{remove}{shlex.join(words)}` finishes it"


def _differing(git: Commands, *sides: str) -> dict[str, str]:
    """The paths that differ, and which blob the last side has of each."""
    command = "diff_tree" if len(sides) > 1 and sides[0] != "--cached" else "diff_index"
    words = ("-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--ignore-submodules")
    fields = iter(git.run(command, *words, *sides, "--").out.split(b"\0"))
    found: dict[str, str] = {}
    for about in fields:  # :<mode> <mode> <blob> <blob> <status> NUL <path> NUL
        if about:
            found[os.fsdecode(next(fields))] = about.split(b" ")[3].decode("ascii")
    return found


def _other_than(git: Commands, blobs: Mapping[str, str]) -> dict[str, str]:
    """Those of the files that are not yet what they were to become."""
    asked = [name for name in blobs if "\n" not in name and (git.directory / name).is_file()]
    stdin = b"".join(os.fsencode(name) + b"\n" for name in asked)
    found = git.run("hash_object", "--stdin-paths", stdin=stdin).line.split("\n")
    same = {name for name, blob in zip(asked, found, strict=False) if blob == blobs[name]}
    return {name: blob for name, blob in blobs.items() if name not in same}


def _is_begun(file: Path, whole: bytes | None) -> bool:
    if whole is None or file.is_symlink() or not file.is_file():
        return False
    return file.stat().st_size <= len(whole) and whole.startswith(file.read_bytes())
