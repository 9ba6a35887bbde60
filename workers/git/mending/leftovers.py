"""Lock files in git's way: ours that a killed git left are removed, the user's are waited for."""

from __future__ import annotations

import os
from pathlib import Path

from ..commands import GitRefused
from ..occupants import read_note
from ..place import BASES, Branch, Place, worktree_of
from .half_made import finish, set_aside
from .holders import WAIT_S, holders_of, repository_folders, wait_for_nobody, wait_while
from .lost_objects import make_whole


def clear_way(place: Place, branch: Branch | None, refused: GitRefused) -> bool:
    """Take out of the way what git stumbled over; True if the request is worth another try."""
    if refused.lock is not None:
        lock = Path(os.path.realpath(refused.lock.parent), refused.lock.name)
        _clear_lock(place, branch, lock)
        return True
    if refused.has_half_worktree:
        with place.locked():
            finish(place)
        return True  # none is left of a killed one, or a living one has made it whole meanwhile
    if refused.broken_index is not None:
        return _set_index_aside(place, refused.broken_index)
    if refused.empty_object is not None:
        return _drop_empty_object(place, refused.empty_object)
    return make_whole(place, branch, refused)


def sweep(place: Place, branch: Branch) -> None:
    """Remove the locks on refs of ours that nobody holds, before a person stumbles over them."""
    own = (place.story_ref("")[:-1], place.salvage_refs("")[:-2], place.record_ref("")[:-1])
    locks = [lock for folder in own for lock in (place.common_dir / folder).rglob("*.lock")]
    named = (branch.ref, f"{BASES}{place.prd_id}", "packed-refs")
    locks += [place.common_dir / f"{name}.lock" for name in named]
    for lock in locks:
        seen, folders = _identity(lock), _own_folders(place, branch, lock)
        if seen is None or folders is None or not _is_from_us(lock):
            continue
        if not holders_of(lock, folders):
            _remove(place, lock, seen)
    with place.locked():
        if not _packed_refs_lock(place).exists():
            place.deletion_note.unlink(missing_ok=True)


def _clear_lock(place: Place, branch: Branch | None, lock: Path) -> None:
    folders = _own_folders(place, branch, lock)
    if folders is None or not _is_from_us(lock):
        _wait_for_user(place, lock)
        return
    seen = _identity(lock)
    holders = wait_for_nobody(lock, folders)
    if holders and seen == _identity(lock):
        named = ", ".join(map(str, holders))
        raise GitRefused(f"{lock} may be held by git {named}; let it end, or end it")
    _remove(place, lock, seen)


def _remove(place: Place, lock: Path, seen: tuple[int, int] | None) -> None:
    """Remove a lock, unless it is another one by now."""
    with place.locked():
        if seen is None or _identity(lock) != seen:
            return
        lock.unlink(missing_ok=True)
        if lock == _packed_refs_lock(place):
            # Only who holds the lock writes it.
            lock.with_name("packed-refs.new").unlink(missing_ok=True)
            place.deletion_note.unlink(missing_ok=True)
    place.tell(f"removed {lock}, which a git that was killed had left")


def _own_folders(place: Place, branch: Branch | None, lock: Path) -> tuple[Path, ...] | None:
    """Where a git can work that holds this lock of ours; None if the lock is not ours."""
    inside = lock.relative_to(place.common_dir) if lock.is_relative_to(place.common_dir) else lock
    if len(inside.parts) > 2 and inside.parts[0] == "worktrees":  # noqa: PLR2004  worktrees/<name>/<lock>
        admin = place.common_dir / "worktrees" / inside.parts[1]
        path = worktree_of(admin)
        noted = read_note(admin)
        is_ours = place.owns_worktree(path) and (noted is None or noted.prd_id == place.prd_id)
        return (path, admin) if is_ours else None
    ref = str(inside).removesuffix(".lock")
    if place.owns_ref(ref) or (branch is not None and ref == branch.ref):
        return repository_folders(place)
    if lock == _packed_refs_lock(place) and _was_deleting(place, lock):
        return repository_folders(place)
    return None


def _packed_refs_lock(place: Place) -> Path:
    return place.common_dir / "packed-refs.lock"


def _was_deleting(place: Place, lock: Path) -> bool:
    """Say whether one of ours was killed while it deleted refs, before which there was no lock."""
    try:
        return place.deletion_note.stat().st_mtime_ns <= lock.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def _is_from_us(lock: Path) -> bool:
    try:
        return lock.stat().st_uid == os.geteuid()
    except FileNotFoundError:
        return True


def _identity(lock: Path) -> tuple[int, int] | None:
    try:
        found = lock.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_ctime_ns


def _wait_for_user(place: Place, lock: Path) -> None:
    """Wait for a lock that is not ours to remove."""
    wait_while(lock.exists)
    if lock.exists():
        holders = holders_of(lock, repository_folders(place))
        named = ", ".join(map(str, holders))
        advice = f"let git {named} end" if holders else "remove it if no git of yours is at work"
        raise GitRefused(f"{lock} is in the way for more than {WAIT_S:.0f} s; {advice}")


def _set_index_aside(place: Place, admin: Path) -> bool:
    """Have git read a worktree's files anew; in the broken index a person may find a blob."""
    index = admin / "index"
    if admin.parent != place.common_dir / "worktrees" or not index.is_file():
        return False
    if not place.owns_worktree(worktree_of(admin)):
        return False
    aside = set_aside(place, index, label=f"{worktree_of(admin).name}-index")
    place.tell(f"{index} was broken: it is {aside} now, and git reads the files anew")
    return True


def _drop_empty_object(place: Place, named: Path) -> bool:
    """Remove an object without a byte, which a power loss left: git would never write it again."""
    found = place.common_dir / "objects" / named.parent.name / named.name
    object_id = named.parent.name + named.name
    if not found.is_file() or found.stat().st_size > 0:
        return False
    found.unlink(missing_ok=True)
    place.tell(f"removed the empty file of the object {object_id}, so that it can be written again")
    return True
