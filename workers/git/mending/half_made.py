"""What a kill or a power loss leaves of a worktree of ours, and how it becomes whole or nothing."""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from ..commands import GitRefused
from ..occupants import read_note
from ..place import Place, worktree_of
from ..salvage.salvaged import Salvaged
from ..salvage.strays import salvage_admin
from ..secrets.copies import overwrite_copies
from .holders import repository_folders, wait_for_nobody

INDEX_BYTES_MIN = 32  # git's header and check sum: with less git refuses to read it
_REMOVING = "prd-supervise.removing"
_HEAD = re.compile(rb"ref: refs/\S+\n|[0-9a-f]{40}([0-9a-f]{24})?\n")
_COMMIT = re.compile(r"^[0-9a-f]+ ([0-9a-f]{40}(?:[0-9a-f]{24})?) ")
_COMMON_DIR = b"../..\n"


def admin_of(place: Place, path: Path) -> Path | None:
    """The registered administration of a path; its .git file is an agent's to spoil, so unread."""
    pointers = sorted(place.common_dir.glob("worktrees/*/gitdir"))
    found = next((each.parent for each in pointers if worktree_of(each.parent) == path), None)
    if found is None and path.exists():
        # Names that differ in case alone mean one folder on some file systems.
        alike = (each.parent for each in pointers if _is_alike(worktree_of(each.parent), path))
        found = next((each for each in alike if worktree_of(each).samefile(path)), None)
    return found


def _is_alike(one: Path, other: Path) -> bool:
    return str(one).casefold() == str(other).casefold() and one.exists()


def is_whole(path: Path, admin: Path) -> bool:
    """Say whether git can work in it, and nothing is left to be finished."""
    return (
        (path / ".git").is_file()
        and (path / ".git").read_bytes().rstrip(b"\n") == b"gitdir: " + os.fsencode(admin)
        and _HEAD.fullmatch(_read(admin / "HEAD")) is not None
        and _is_at_home(admin)
        and not _is_torn(admin / "index")
        and not (admin / _REMOVING).exists()
        and not _is_half_made(admin)
    )


def mended(place: Place, path: Path, admin: Path | None) -> Path | None:
    """Make it whole, or set its files aside: None where there is nothing to go on with.

    The caller holds the lock.
    """
    nameless = _nameless(place, path)
    if nameless and not wait_for_nobody(None, repository_folders(place)):
        admin = _adopted(place, path, nameless) or admin
    if admin is not None:
        _check_empty_of_git(path, admin)
        if _is_to_be_removed(admin):
            _remove(place, path, admin)
            return None
    if admin is not None and not _can_go_on(place, path, admin):
        _drop(admin, salvage_admin(place, path, admin))
        admin = None
    if admin is None:
        if path.is_symlink() or (path.exists() and not _is_empty(path)):
            overwrite_copies(place, path)
            aside = set_aside(place, path, label=path.name)
            place.tell(f"set {path} aside as {aside}: git does not know it")
        return None
    _relink(place, path, admin)
    return admin


def finish(place: Place) -> None:
    """Remove what a killed git was making or removing.

    It may be another PRD's: git looks at no worktree while one of them is half. The caller holds
    the lock.
    """
    for pointer in sorted(place.common_dir.glob("worktrees/*/gitdir")):
        admin, path = pointer.parent, worktree_of(pointer.parent)
        if path.parent == place.worktrees and _is_to_be_removed(admin):
            _check_empty_of_git(path, admin)
            _remove(place, path, admin)


def note_removal(admin: Path) -> None:
    """Note that all of the worktree is kept elsewhere, and that it only has to be removed."""
    (admin / _REMOVING).touch()


def set_aside(place: Place, path: Path, *, label: str) -> Path:
    """Move a file or folder to our leftovers, under a name of its own."""
    place.leftovers.mkdir(parents=True, exist_ok=True)
    number, target = 1, place.leftovers / label
    while target.is_symlink() or target.exists():
        number += 1
        target = place.leftovers / f"{label}.{number}"
    return path.rename(target)


def give_up(place: Place, path: Path, admin: Path, *, why: str) -> None:
    """Set the files of a worktree aside as they are, because git does not come to an end in it."""
    with place.locked():
        kept = salvage_admin(place, path, admin)
        overwrite_copies(place, path)
        aside = set_aside(place, path, label=path.name)
        place.tell(f"set {path} aside as {aside}: {why}")
        _drop(admin, kept)


def _nameless(place: Place, path: Path) -> tuple[Path, ...]:
    """Administrations that git called like this worktree, and that do not say where it is."""
    found = (each for each in place.common_dir.glob("worktrees/*") if _is_called(each, path))
    return tuple(each for each in found if not _read(each / "gitdir").endswith(b"/.git\n"))


def _is_called(admin: Path, path: Path) -> bool:
    # Where the name is taken git appends a number.
    number = admin.name.removeprefix(path.name)
    return admin.name.startswith(path.name) and (not number or number.isdecimal())


def _adopted(place: Place, path: Path, nameless: tuple[Path, ...]) -> Path | None:
    """Take back the one that the worktree points at; the others hold nothing."""
    adopted = None
    for each in nameless:
        if _read(path / ".git").rstrip(b"\n") == b"gitdir: " + os.fsencode(each):
            (each / "gitdir").write_bytes(os.fsencode(path / ".git") + b"\n")
            adopted = each
        elif not (each / "HEAD").exists():
            shutil.rmtree(each)
            place.tell(f"removed {each}, a worktree that git was killed in while it made it")
    return adopted


def _check_empty_of_git(path: Path, admin: Path) -> None:
    if holders := wait_for_nobody(None, (path, admin)):
        named = ", ".join(map(str, holders))
        raise GitRefused(f"{path} is not whole, and git {named} works there; let it end, or end it")


def _can_go_on(place: Place, path: Path, admin: Path) -> bool:
    return not _is_half_made(admin) and path.is_dir() and _has_head(place, admin)


def _is_half_made(admin: Path) -> bool:
    # `git worktree add` holds this lock while it works.
    return _read(admin / "locked").strip() == b"initializing"


def _is_to_be_removed(admin: Path) -> bool:
    """Say whether it was being removed, or being made and nobody was in it yet."""
    is_untouched = _is_half_made(admin) and read_note(admin) is None
    return is_untouched or (admin / _REMOVING).exists()


def _remove(place: Place, path: Path, admin: Path) -> None:
    """Finish what git began: a removal, or the making of what is not wanted half."""
    overwrite_copies(place, path)
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        set_aside(place, path, label=path.name)
    shutil.rmtree(admin)
    place.tell(f"removed what a git that was killed had left of {path}")


def _has_head(place: Place, admin: Path) -> bool:
    """Say whether it has a HEAD, after a torn one was restored from its log."""
    if _HEAD.fullmatch(_read(admin / "HEAD")):
        return True
    for line in reversed(_read(admin / "logs/HEAD").decode("utf-8", "replace").splitlines()):
        found = _COMMIT.match(line)
        if found and place.has_commit(found[1]):
            (admin / "HEAD").write_text(f"{found[1]}\n")
            place.tell(f"restored {admin / 'HEAD'} from its log: {found[1]}")
            return True
    return False


def _relink(place: Place, path: Path, admin: Path) -> None:
    """Let folder and administration point at each other, and at the repository."""
    link = path / ".git"
    if link.is_dir() and not link.is_symlink():
        set_aside(place, link, label=f"{path.name}-git")
    link.unlink(missing_ok=True)
    link.write_bytes(b"gitdir: " + os.fsencode(admin) + b"\n")
    if not _is_at_home(admin):
        (admin / "commondir").unlink(missing_ok=True)
        (admin / "commondir").write_bytes(_COMMON_DIR)
    index = admin / "index"
    if _is_torn(index):  # git reads the files anew
        if index.is_dir() and not index.is_symlink():
            set_aside(place, index, label=f"{path.name}-index")
        else:
            index.unlink()
        place.tell(f"removed {index}, which was torn")


def _is_at_home(admin: Path) -> bool:
    """Say whether git finds the repository from it."""
    named = os.fsdecode(_read(admin / "commondir").rstrip(b"\n"))
    home = os.path.realpath(admin.parent.parent)
    return bool(named) and os.path.realpath(admin / named) == home


def _is_torn(index: Path) -> bool:
    """Say whether git could not read it; where there is none, it makes one."""
    try:
        found = index.lstat()
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(found.st_mode) or found.st_size < INDEX_BYTES_MIN


def _drop(admin: Path, _kept: Salvaged) -> None:
    """Forget a worktree that there is nothing to go on with."""
    shutil.rmtree(admin)


def _read(path: Path) -> bytes:
    with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return path.read_bytes()
    return b""


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
