"""Which PRD a file holds: the one that was run from it before, or another one.

Journal, branch and worktrees of a PRD go by its id, so an id must never pass to other stories:
users of Ralph write one feature after the other into the same prd.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ....policies.merging.prd_folders import completed_path
from ....policies.values import replace
from ...prd.model import Plan, PlannedStory
from ...prd.names import unique_ids
from ..board import Row

_Place = tuple[str, str]  # a file, and the part of it


class KnownPrd(Struct, frozen=True, kw_only=True):
    """A PRD that was run here; `is_replaced`: its place has another one now."""

    prd_id: str
    path: str
    part: str = ""
    is_replaced: bool = False


class Known(Struct, frozen=True, kw_only=True):
    """All PRDs that were run here, and their plans as they were accepted."""

    prds: tuple[KnownPrd, ...] = ()
    plan_of: Callable[[str], Plan | None] = lambda _: None


class Only(Struct, frozen=True, kw_only=True):
    """Of this file only one PRD is meant: its part, or the PRD of this id."""

    path: str
    part: str | None = None
    prd_id: str = ""


def wanted(plans: Sequence[Plan], only: Sequence[Only]) -> tuple[Plan, ...]:
    """The plans that are meant; all of a file of which nothing is said."""
    limited = {each.path for each in only}
    meant = {(each.path, each.part) for each in only if each.part is not None}
    ids = {(each.path, each.prd_id) for each in only if each.prd_id}
    return tuple(
        plan
        for plan in plans
        if plan.path not in limited
        or (plan.path, plan.part) in meant
        or (plan.path, plan.prd_id) in ids
    )


def known_prds(rows: Mapping[str, Row], plan_of: Callable[[str], Plan | None]) -> Known:
    """What the board knows."""
    prds = tuple(
        KnownPrd(
            prd_id=prd_id,
            path=row.accepted.path,
            part=row.accepted.part,
            is_replaced=bool(row.replaced_by),
        )
        for prd_id, row in rows.items()
    )
    return Known(prds=prds, plan_of=plan_of)


def place_now(path: Path) -> Path:
    """Where a PRD's file is: who merged a completed PRD has its folder elsewhere now."""
    there = completed_path(path.as_posix())
    return Path(there) if there and not path.exists() and Path(there).exists() else path


def named(plans: Sequence[Plan], known: Known) -> tuple[Plan, ...]:
    """The plans under the ids by which they run.

    A PRD keeps its id in its place, and takes it along where its file was moved. Whatever else
    comes gets an id that nobody has had.
    """
    here = {(prd.path, prd.part): prd for prd in known.prds if not prd.is_replaced}
    kept: dict[_Place, str] = {}
    for plan in plans:
        prd = here.get(_place(plan))
        if prd is not None and not is_another(known.plan_of(prd.prd_id), plan):
            kept[_place(plan)] = prd.prd_id
    homeless = {prd.prd_id: prd for prd in known.prds if prd.prd_id not in kept.values()}
    for plan in plans:
        prd = homeless.get(plan.prd_id)
        if _place(plan) in kept or prd is None or not _has_lost_its_place(prd, plans):
            continue
        if not is_another(known.plan_of(prd.prd_id), plan):
            kept[_place(plan)] = homeless.pop(plan.prd_id).prd_id
    taken = {prd.prd_id for prd in known.prds} - set(kept.values())
    return _unique(plans, kept, taken)


def is_another(old: Plan | None, new: Plan) -> bool:
    """Say whether a document is another PRD than the one that was accepted from its place.

    Its own id decides, if both have one; else another branch makes it another PRD, and so does
    that no story is left of what it was.
    """
    if old is None:
        return False
    if old.own_id and new.own_id:
        return old.own_id != new.own_id
    if old.branch and new.branch and old.branch != new.branch:
        return True
    now = {story.story_id: story for story in new.stories}
    return bool(old.stories) and not any(_is_same(each, now) for each in old.stories)


def _is_same(story: PlannedStory, now: Mapping[str, PlannedStory]) -> bool:
    found = now.get(story.story_id)
    if found is None:
        return False
    return found.title == story.title or bool(story.criteria and found.criteria == story.criteria)


def _has_lost_its_place(prd: KnownPrd, plans: Iterable[Plan]) -> bool:
    taken = any(_place(plan) == (prd.path, prd.part) for plan in plans)
    return prd.is_replaced or taken or not Path(prd.path).exists()


def _place(plan: Plan) -> _Place:
    return plan.path, plan.part


def _unique(
    plans: Sequence[Plan], kept: Mapping[_Place, str], taken: Iterable[str]
) -> tuple[Plan, ...]:
    """Make the other ids unique: those that are kept or were ever used stay as they are."""
    holders = [
        Plan(prd_id=prd_id, title="", path=f"//{prd_id}", stories=()) for prd_id in sorted(taken)
    ]
    called = [replace(plan, prd_id=kept.get(_place(plan), plan.prd_id)) for plan in plans]
    first = sorted(called, key=lambda plan: _place(plan) not in kept)
    unique = {_place(plan): plan for plan in unique_ids([*holders, *first])}
    return tuple(unique[_place(plan)] for plan in plans)
