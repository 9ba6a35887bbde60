"""What is left of PRDs in the repository, what of it is merged, and how that is removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from ...policies.counting import counted
from ...policies.keeping import (
    LEFTOVERS,
    PRD_BRANCH,
    STORY_BRANCH,
    WORKTREE,
    Found,
    Terms,
    verdict,
)
from ...policies.values import replace
from .branch_record import owners_of, recorded_branch
from .closing import delete_merged, salvaged
from .commands import FAILURES, one_line
from .landing.checkouts import checkouts_of
from .mending.half_made import is_whole
from .occupants import read_note
from .place import BASES, BRANCHES, RECORDS, Place, worktree_of
from .worktree.worktrees import Worktree, remove_worktree, state_of

_STORIES = f"{BRANCHES}prd-supervise/"
_STAT_BLOCK_BYTES = 512  # what st_blocks counts, whatever the disk's own blocks are


ANYTHING = Terms()  # that nothing is lost without, of whatever age


class Item(Struct, frozen=True, kw_only=True):
    """A thing of a PRD's; `why` it can go, or why it stays."""

    kind: str
    prd_id: str
    name: str
    why: str
    can_go: bool = False
    size_bytes: int = 0
    is_only_copy: bool = False  # old, and kept for that alone


class Remains(Struct, frozen=True, kw_only=True):
    """What git has of one PRD: its branch ("": none any more) and what that is merged into."""

    place: Place
    branch: str
    into: str  # where merged stories are: that branch, or our record of it
    merged_into: str
    items: tuple[Item, ...]


def prd_ids(place: Place) -> tuple[str, ...]:
    """The PRDs that git knows anything of."""
    patterns = (RECORDS, BASES, _STORIES)
    names = place.git.run("for_each_ref", "--format=%(refname)", *patterns).line.split("\n")
    found = {name.split("/")[3] for name in names if name}
    found |= {noted.prd_id for admin in _admins(place) if (noted := read_note(admin)) is not None}
    return tuple(sorted(found - {""}))


def remains_of(
    place: Place, *, is_completed: bool, terms: Terms = ANYTHING, ended_s: float = 0.0
) -> Remains:
    """Look at what a PRD that ended at `ended_s` has left, and change nothing."""
    recorded = recorded_branch(place)
    named, record = f"{BRANCHES}{recorded}", place.record_ref(recorded)
    found = place.refs(named, record) if recorded else {}
    into = next((name for name in (named, record) if name in found), "")
    branch = recorded if named in found else ""
    merged_into = _holder(place, found[into].commit, but=named) if into else ""
    worktrees = [_worktree(place, into, admin) for admin in _own_admins(place)]
    going = {item.name for item in worktrees if item.can_go}
    items = [*worktrees, *_story_branches(place, into, going), *_leftovers(place)]
    if branch:
        blocked = _looked_at(place, named, going)
        if not blocked and not is_completed:
            blocked = "the PRD is not completed"
        if not blocked and not merged_into:
            blocked = "it is in no other branch"
        why = blocked or f"it is in {_short(merged_into)}"
        items.append(_item(PRD_BRANCH, place, branch, why, can_go=not blocked))
    judged = tuple(_judged(place, each, terms, ended_s) for each in items)
    return Remains(place=place, branch=branch, into=into, merged_into=merged_into, items=judged)


def _judged(place: Place, item: Item, terms: Terms, ended_s: float) -> Item:
    """What can go as far as git is concerned may be too young, or not ours to take unasked."""
    held, blocked = (item.why, "") if item.can_go else ("", item.why)
    found = Found(kind=item.kind, at_s=ended_s, held_by=held, blocked_by=blocked)
    return item_of(place, item.name, found, terms, size_bytes=item.size_bytes)


def remove(remains: Remains, *, is_at_work: Callable[[], bool]) -> tuple[Item, ...]:
    """Remove what can go.

    Whether the PRD is at work is asked under the lock, which whoever begins work needs first.
    """
    place, gone = remains.place, list[str]()
    wanted = {item.name: item for item in remains.items if item.can_go}
    paths = [worktree_of(admin) for admin in _own_admins(place)]
    there = [replace(place, worktrees=path.parent) for path in paths if str(path) in wanted]
    proofs = []
    for path, here in zip((p for p in paths if str(p) in wanted), there, strict=True):
        if is_at_work():
            return ()
        proofs.append((here, path, salvaged(here, path)))
    with place.locked():
        if is_at_work():
            return ()
        for here, path, found in proofs:
            if found is not None:
                remove_worktree(here, *found)
            gone += [] if path.exists() else [str(path)]
        stories = [
            f"{BRANCHES}{each.name}" for each in wanted.values() if each.kind == STORY_BRANCH
        ]
        deleted = list(delete_merged(place, remains.into, stories)) if remains.into else []
        branch = f"{BRANCHES}{remains.branch}"
        if remains.branch in wanted:
            # The record stays: the PRD would go on from there, and not do everything once more.
            place.git.run("update_ref", place.record_ref(remains.branch), branch)
            deleted += delete_merged(place, remains.merged_into, [branch])
    gone += [name.removeprefix(BRANCHES) for name in deleted]
    return tuple(wanted[name] for name in gone)


def _worktree(place: Place, into: str, admin: Path) -> Item:
    path = worktree_of(admin)
    here = replace(place, worktrees=path.parent)
    git = place.git.at(path, environment={"GIT_DIR": str(admin), "GIT_WORK_TREE": str(path)})
    why, can_go = "only verify commands run there", True
    if not path.is_dir():
        why = "its folder is gone"
    elif not is_whole(path, admin):
        why, can_go = "it is not whole; the next run mends it", False
    elif path != here.own_worktree:
        why, can_go = _slot(here, into, Worktree(path=path, admin=admin, git=git))
    return _item(WORKTREE, place, str(path), why, can_go=can_go, size_bytes=size_of(path))


def _slot(place: Place, into: str, worktree: Worktree) -> tuple[str, bool]:
    """Why the worktree of a story stays, or can go."""
    try:
        state = state_of(worktree)
    except FAILURES as error:
        return one_line(str(error)), False
    if state.dirty:
        return f"{counted(len(state.dirty), 'uncommitted file')} in it", False
    if not state.head or not into:
        return "nothing tells what its work was merged into", False
    if not place.is_ancestor(state.head, into):
        story = state.branch.removeprefix(BRANCHES) or state.head[:10]
        return f"{story} is not merged", False
    return f"its work is in {_short(into)}", True


def _story_branches(place: Place, into: str, going: Collection[str]) -> list[Item]:
    folder = place.story_ref("")
    merged = place.refs(f"--merged={into}", folder) if into else {}
    items = []
    for name, found in place.refs(folder).items():
        blocked = _looked_at(place, name, going) if found.worktree is not None else ""
        if name not in merged:
            blocked = f"it is not in {_short(into)}" if into else "the PRD's branch is gone"
        why = blocked or f"it is in {_short(into)}"
        items.append(
            _item(STORY_BRANCH, place, name.removeprefix(BRANCHES), why, can_go=not blocked)
        )
    return items


def _leftovers(place: Place) -> list[Item]:
    """What git could not keep; nobody but a person can tell whether it is wanted."""
    folders = {worktree_of(admin).parent for admin in _own_admins(place)} | {place.worktrees}
    why = "git could not keep these files; look through them, and remove the folder yourself"
    return [
        _item(LEFTOVERS, place, str(path), why, size_bytes=size_of(path))
        for folder in sorted(folders)
        if (path := folder / place.leftovers.name).is_dir()
    ]


def _holder(place: Place, commit: str, *, but: str) -> str:
    """A branch of the user's that contains the commit."""
    form = "--format=%(refname)"
    patterns = (f"--contains={commit}", BRANCHES, "refs/remotes/")
    names = place.git.run("for_each_ref", form, *patterns).line.split("\n")
    found = (name for name in names if name not in {"", but, *owners_of(place.refs(RECORDS))})
    return next((name for name in found if not name.startswith(_STORIES)), "")


def _looked_at(place: Place, ref: str, going: Collection[str]) -> str:
    """Where a branch is checked out, besides in worktrees that go."""
    try:
        shown = [each.path for each in checkouts_of(place, ref) if str(each.path) not in going]
    except FAILURES as error:  # an index that is broken: the next run mends it
        return f"it is checked out where git cannot look: {one_line(str(error))}"
    return f"it is checked out in {shown[0]}" if shown else ""


def _own_admins(place: Place) -> list[Path]:
    """The worktrees of this PRD, wherever they are, by our note beside each."""
    noted = ((admin, read_note(admin)) for admin in _admins(place))
    own = [admin for admin, note in noted if note is not None and note.prd_id == place.prd_id]
    return [
        admin
        for admin in own
        if replace(place, worktrees=worktree_of(admin).parent).owns_worktree(worktree_of(admin))
    ]


def _admins(place: Place) -> list[Path]:
    return [pointer.parent for pointer in sorted(place.common_dir.glob("worktrees/*/gitdir"))]


def size_of(folder: Path) -> int:
    """The bytes that all files below it take on the disk: small ones take a block."""
    total = 0
    for top, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(f"{top}/{name}").st_blocks * _STAT_BLOCK_BYTES
    return total


def _short(ref: str) -> str:
    names = (BRANCHES, "refs/remotes/")
    if ref.startswith(RECORDS):
        return "the merged work of the PRD"
    return next((ref.removeprefix(each) for each in names if ref.startswith(each)), ref)


def item_of(place: Place, name: str, found: Found, terms: Terms, *, size_bytes: int = 0) -> Item:
    """What was found as people see it, with the verdict on it."""
    said = verdict(found, terms)
    return Item(
        kind=found.kind,
        prd_id=place.prd_id,
        name=name,
        why=said.why,
        can_go=said.can_go,
        size_bytes=size_bytes,
    )


def _item(
    kind: str, place: Place, name: str, why: str, *, can_go: bool = False, size_bytes: int = 0
) -> Item:
    return Item(
        kind=kind,
        prd_id=place.prd_id,
        name=name,
        why=why,
        can_go=can_go,
        size_bytes=size_bytes,
    )
