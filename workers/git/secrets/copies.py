"""The secret files of a worktree: our copies, which nobody inherits, and an agent's own.

A copy is the worktree's own, for its user alone, and is overwritten before it is removed. Which
copies there are is noted beside the worktree before the first is made: a crash loses none.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ...secrecy.copied import copied_files
from ...secrecy.names import SecretNames
from ..place import Place

_EVENT = "secret_not_copied"
_NOTE = "prd-supervise.secrets"
_MODE = 0o600
COPY_BYTES_MAX = 16 << 20
_BLOCK = 1 << 16


def bring(place: Place, path: Path, admin: Path, names: Iterable[str]) -> None:
    """Copy these secret files of the user's checkout into the worktree at `path`."""
    sources = {name: data for name in names if (data := _source(place, name)) is not None}
    noted = read_copies(admin)
    marks = {name: digest_of(data) for name, data in sources.items()}
    _write_note(admin, noted | marks)
    if sources:
        place.hiding.look(path)  # before they are replaced: the old values stay values
    for name, data in sources.items():
        target = path / name
        if not leads_inside(path, target):
            place.tell_once(
                f"{name} was not copied: its folder leads out of the worktree", event=_EVENT
            )
        elif bytes_of(target) != data or stat.S_IMODE(target.lstat().st_mode) != _MODE:
            overwrite(path, target)
            _create(target, data)


def read_copies(admin: Path) -> dict[str, str]:
    """The copies that may stand in a worktree, with the digest of what was copied."""
    try:
        noted = json.loads((admin / _NOTE).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    if not isinstance(noted, dict):
        return {}
    return {str(name): str(digest) for name, digest in noted.items()}


def digest_of(data: bytes) -> str:
    """By which a copy is known that nobody has changed."""
    return hashlib.sha256(data).hexdigest()


def forget_copies(admin: Path) -> None:
    """There are none any more."""
    (admin / _NOTE).unlink(missing_ok=True)


def overwrite(worktree: Path, path: Path) -> None:
    """Remove a file of a worktree so that its bytes do not stay on the disk.

    What has another name too is only unlinked: that other file may be the user's own. Likewise,
    nothing is touched behind a folder that became a link.
    """
    if not leads_inside(worktree, path):
        return
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(found.st_mode):
        return  # an agent put it there; nothing of ours is in it
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        with suppress(PermissionError):
            path.chmod(_MODE)
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            for at in range(0, found.st_size, _BLOCK):
                # No byte more than it has: on a full disk there is no room for it to grow.
                file.write(bytes(min(_BLOCK, found.st_size - at)))
            os.fsync(file.fileno())
    path.unlink(missing_ok=True)


def overwrite_copies(place: Place, path: Path) -> None:
    """Remove our copies from the folder of a worktree that git knows no more."""
    secret = SecretNames(place.rules.secrets.files)
    for name in copied_files(place.checkout, place.rules.worktree.copy):
        if secret.match(name):
            overwrite(path, path / name)


def _source(place: Place, name: str) -> bytes | None:
    path = place.checkout / name
    try:
        size = path.stat().st_size
        if size <= COPY_BYTES_MAX:
            return path.read_bytes()
        place.tell_once(f"{name} was not copied: it has {size} bytes", event=_EVENT)
    except OSError as error:
        place.tell_once(f"{name} was not copied: {error.strerror}", event=_EVENT)
    return None


def leads_inside(path: Path, target: Path) -> bool:
    """Say whether the folder of `target` is in the worktree, wherever its links lead.

    Nothing is in a worktree that is a link: an agent may have put one to the user's checkout there.
    """
    return not path.is_symlink() and Path(os.path.realpath(target.parent)).is_relative_to(
        os.path.realpath(path)
    )


def bytes_of(path: Path) -> bytes | None:
    """The bytes of a regular file; a link is followed by nobody."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > COPY_BYTES_MAX:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _create(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, _MODE), "wb") as file:
        file.write(data)


def _write_note(admin: Path, noted: dict[str, str]) -> None:
    if not noted:
        return
    fresh = admin / f"{_NOTE}.new"
    fresh.write_text(json.dumps(noted))
    os.replace(fresh, admin / _NOTE)  # noqa: PTH105  says that it replaces
