"""`clean`: what earlier runs have left of each PRD, and what of it can go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from ....policies.counting import counted
from ....policies.values import replace
from ....workers.attempt.temporary import remove_tree
from ....workers.git.place import Place
from ....workers.git.remains import Item, Remains, prd_ids, remains_of, remove, size_of
from ....workers.git.salvage.bringing_back import SALVAGE, Salvage, salvages
from ..storage.layout import Layout
from ..storage.locks import LockBusyError, lock_for_child
from .places import place_of

ATTEMPTS, SALVAGED = "attempts", "salvage"
AT_WORK = "the PRD is at work"
_BUSY = frozenset({"active", "queued"})
States = Callable[[], Mapping[str, str]]  # of each PRD, as `status` has them


class Wish(Struct, frozen=True, kw_only=True):
    """What is to be looked at; salvage from before `salvage_before_s` is to go."""

    prds: tuple[str, ...] = ()
    salvage_before_s: float | None = None


def survey(layout: Layout, wish: Wish, states: States) -> tuple[Item, ...]:
    """Look at everything, and change nothing."""
    known = states()
    return tuple(
        item
        for prd_id in known_prds(layout, known)
        if not wish.prds or prd_id in wish.prds
        for item in _items(layout, prd_id, wish, known)[1]
    )


def clean(layout: Layout, wish: Wish, states: States) -> tuple[Item, ...]:
    """Remove what can go, and say what has gone."""
    known, gone = states(), list[Item]()
    for prd_id in known_prds(layout, known):
        if wish.prds and prd_id not in wish.prds:
            continue
        remains, items = _items(layout, prd_id, wish, known)
        if remains is None:
            continue
        is_at_work = lambda prd_id=prd_id: _is_at_work(layout, prd_id, states())  # noqa: E731
        gone += remove(remains, is_at_work=is_at_work)
        gone += _remove_ours(layout, remains.place, items, is_at_work)
    return tuple(gone)


def known_prds(layout: Layout, states: Mapping[str, str]) -> tuple[str, ...]:
    """Every PRD that git, the journals or the folders know."""
    place = place_of(layout)
    folders = {path.name for path in layout.prd("x").parent.glob("*") if path.is_dir()}
    salvaged = {each.prd_id for each in salvages(place)}
    return tuple(sorted({*prd_ids(place), *states, *folders, *salvaged}))


def _items(
    layout: Layout, prd_id: str, wish: Wish, states: Mapping[str, str]
) -> tuple[Remains | None, tuple[Item, ...]]:
    place = place_of(layout, prd_id)
    is_completed = states.get(prd_id) == "completed"
    remains = remains_of(place, is_completed=is_completed)
    is_merged = is_completed and bool(remains.merged_into)
    items = (
        *_salvage(place, wish),
        *remains.items,
        *_attempts(layout, prd_id, is_merged=is_merged),
    )
    if not _is_at_work(layout, prd_id, states):
        return remains, items
    return None, tuple(replace(item, can_go=False, why=AT_WORK) for item in items)


def _is_at_work(layout: Layout, prd_id: str, states: Mapping[str, str]) -> bool:
    """Say whether root runs it, or something that an earlier run has started still lives."""
    if states.get(prd_id) in _BUSY:
        return True
    for lock in sorted(layout.prd(prd_id).glob("stories/*/lock")):
        try:
            lock_for_child(lock).close()
        except LockBusyError:
            return True
    return False


def _salvage(place: Place, wish: Wish) -> Iterator[Item]:
    for each in salvages(place, place.prd_id):
        is_old = wish.salvage_before_s is not None and each.at_s < wish.salvage_before_s
        is_merged = bool(place.git.run("for_each_ref", *_users(each)).line)
        why = "work that nothing else holds; `salvage show` tells, `--older-than` removes"
        if is_merged:
            why = "it is in a branch of yours"
        elif is_old:
            why = "older than was asked for"
        yield Item(
            kind=SALVAGED,
            prd_id=place.prd_id,
            name=each.name,
            why=why,
            can_go=is_old or is_merged,
        )


def _users(each: Salvage) -> tuple[str, ...]:
    return ("--count=1", f"--contains={each.commit}", "refs/heads/", "refs/remotes/")


def _attempts(layout: Layout, prd_id: str, *, is_merged: bool) -> Iterator[Item]:
    """The logs and results of a PRD's attempts, with their agents' homes, as one item."""
    folders = list(_attempt_folders(layout, prd_id))
    if folders:
        homes = list(_homes(layout, prd_id))
        why = "the PRD is completed, and its work is in a branch of yours"
        yield Item(
            kind=ATTEMPTS,
            prd_id=prd_id,
            name=f"{prd_id}: {counted(len(folders), 'attempt')}",
            why=why if is_merged else "logs of work that is not merged yet",
            can_go=is_merged,
            size_bytes=sum(map(size_of, (*folders, *homes))),
        )


def _attempt_folders(layout: Layout, prd_id: str) -> Iterator[Path]:
    for path in sorted(layout.prd(prd_id).glob("stories/*/*")):
        if path.name.isdecimal() and path.is_dir() and not path.is_symlink():
            yield path


def _homes(layout: Layout, prd_id: str) -> Iterator[Path]:
    for path in sorted(layout.prd(prd_id).glob("stories/*/homes")):
        if path.is_dir() and not path.is_symlink():
            yield path


def _remove_ours(
    layout: Layout, place: Place, items: Collection[Item], is_at_work: Callable[[], bool]
) -> list[Item]:
    gone = []
    with place.locked():
        if is_at_work():
            return []
        for item in items:
            if item.can_go and item.kind == SALVAGED:
                place.git.run("update_ref", "-d", SALVAGE + item.name)
                gone.append(item)
            elif item.can_go and item.kind == ATTEMPTS:
                for folder in _attempt_folders(layout, place.prd_id):
                    shutil.rmtree(folder)
                for folder in _homes(layout, place.prd_id):
                    remove_tree(folder)
                gone.append(item)
    return gone
