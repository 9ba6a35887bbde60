"""What earlier runs have left of each PRD, and what of it can go: for `clean`, and by itself."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from ....policies.counting import counted
from ....policies.keeping import (
    ATTEMPTS,
    BUSY,
    FINISHED,
    SALVAGED,
    Found,
    Terms,
    is_only_copy,
)
from ....policies.values import replace
from ....workers.attempt.temporary import remove_tree
from ....workers.git.merged import merged_stories
from ....workers.git.place import Place
from ....workers.git.remains import (
    Item,
    Remains,
    item_of,
    prd_ids,
    remains_of,
    remove,
    size_of,
)
from ....workers.git.salvage.bringing_back import SALVAGE, Salvage, salvages
from ..storage.layout import Layout
from ..storage.locks import LockBusyError, lock_for_child
from .places import place_of

AT_WORK = "the PRD is at work"


class Known(Struct, frozen=True, kw_only=True):
    """What the journals have of a PRD; how old one is that they do not know nobody can say."""

    state: str = ""
    ended_s: float = math.inf
    path: str = ""  # of its document
    is_wanted: bool = False  # held, or answered and not taken yet


States = Callable[[], Mapping[str, Known]]  # of each PRD
_UNKNOWN = Known()


class Wish(Struct, frozen=True, kw_only=True):
    """What is to be looked at, and on which terms it goes."""

    prds: tuple[str, ...] = ()
    terms: Terms = Terms()


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


def known_prds(layout: Layout, states: Mapping[str, Known]) -> tuple[str, ...]:
    """Every PRD that git, the journals or the folders know."""
    folders = {path.name for path in layout.prd("x").parent.glob("*") if path.is_dir()}
    return tuple(sorted({*in_git(layout), *states, *folders}))


def in_git(layout: Layout) -> frozenset[str]:
    """Every PRD that has a ref, a worktree or salvage of ours."""
    place = place_of(layout)
    return frozenset({*prd_ids(place), *(each.prd_id for each in salvages(place))})


def _items(
    layout: Layout, prd_id: str, wish: Wish, states: Mapping[str, Known]
) -> tuple[Remains | None, tuple[Item, ...]]:
    place = place_of(layout, prd_id)
    known = states.get(prd_id, _UNKNOWN)
    is_completed = known.state == "completed"
    remains = remains_of(place, is_completed=is_completed, terms=wish.terms, ended_s=known.ended_s)
    items = (
        *_salvage(place, remains, wish.terms),
        *remains.items,
        *_attempts(layout, place, wish.terms, known, is_merged=bool(remains.merged_into)),
    )
    if not _is_at_work(layout, prd_id, states):
        return remains, items
    return None, tuple(replace(item, can_go=False, why=AT_WORK) for item in items)


def _is_at_work(layout: Layout, prd_id: str, states: Mapping[str, Known]) -> bool:
    """Say whether root runs it, or something that an earlier run has started still lives."""
    if states.get(prd_id, _UNKNOWN).state in BUSY:
        return True
    for lock in sorted(layout.prd(prd_id).glob("stories/*/lock")):
        try:
            lock_for_child(lock).close()
        except LockBusyError:
            return True
    return False


def _salvage(place: Place, remains: Remains, terms: Terms) -> Iterator[Item]:
    found = salvages(place, place.prd_id)
    merged = merged_stories(place, remains.into) if found and remains.into else {}
    for each in found:
        is_outlived = each.at_s < merged.get(each.story_id, 0)
        is_held = bool(place.git.run("for_each_ref", *_users(each)).line)
        salvage = Found(
            kind=SALVAGED,
            at_s=float(each.at_s),
            held_by="it is in a branch of yours" if is_held else "",
            outlived_by="its story was merged later" if is_outlived else "",
            wanted_for="work that nothing else holds; `salvage show` tells, `--older-than` removes",
        )
        item = item_of(place, each.name, salvage, terms)
        yield replace(item, is_only_copy=is_only_copy(salvage, terms))


def _users(each: Salvage) -> tuple[str, ...]:
    return ("--count=1", f"--contains={each.commit}", "refs/heads/", "refs/remotes/")


def _attempts(
    layout: Layout, place: Place, terms: Terms, known: Known, *, is_merged: bool
) -> Iterator[Item]:
    """The logs and results of a PRD's attempts, with their agents' homes, as one item."""
    folders = list(_attempt_folders(layout, place.prd_id))
    if not folders:
        return
    homes = list(_homes(layout, place.prd_id))
    is_completed, is_finished = known.state == "completed", known.state in FINISHED
    why = "the PRD is completed, and its work is in a branch of yours"
    logs = Found(
        kind=ATTEMPTS,
        at_s=known.ended_s,
        held_by=why if is_completed and is_merged else "",
        outlived_by="logs of a PRD that has ended" if is_finished else "",
        wanted_for="logs of work that is not merged yet",
    )
    name = f"{place.prd_id}: {counted(len(folders), 'attempt')}"
    size_bytes = sum(map(size_of, (*folders, *homes)))
    yield item_of(place, name, logs, terms, size_bytes=size_bytes)


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
