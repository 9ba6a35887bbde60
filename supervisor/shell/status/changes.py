"""What has changed between two status documents: what root sends to those who watch it."""

from __future__ import annotations

from msgspec import Struct

from ....policies.values import replace
from .document import AT_WORK, AgentStatus, PrdStatus, RootStatus, StatusDocument


class PrdChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A PRD as it is now, with the stories that have changed; or with all, in a new order."""

    prd: PrdStatus
    is_whole: bool = False


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is other than before; nothing but `at` is a sign of life. `order` names all PRDs."""

    at: float
    root: RootStatus | None = None
    agents: tuple[AgentStatus, ...] | None = None
    prds: tuple[PrdChange, ...] = ()
    order: tuple[str, ...] | None = None


def change_between(before: StatusDocument, now: StatusDocument) -> Change:
    """What has to be said to who knows the one, so that it knows the other."""
    known = {prd.id: prd for prd in before.prds}
    order = tuple(prd.id for prd in now.prds)
    changes = (_prd_change(known.get(prd.id), prd) for prd in now.prds)
    return Change(
        at=now.at,
        root=now.root if now.root != before.root else None,
        agents=now.agents if now.agents != before.agents else None,
        prds=tuple(change for change in changes if change is not None),
        order=order if order != tuple(known) else None,
    )


def changed(document: StatusDocument, change: Change) -> StatusDocument:
    """The document after the change."""
    known = {prd.id: prd for prd in document.prds}
    for each in change.prds:
        known[each.prd.id] = _prd_after(known.get(each.prd.id), each)
    order = known if change.order is None else change.order
    return replace(
        document,
        at=change.at,
        root=document.root if change.root is None else change.root,
        agents=document.agents if change.agents is None else change.agents,
        prds=tuple(known[prd_id] for prd_id in order if prd_id in known),
    )


def with_runtimes(document: StatusDocument, now: float) -> StatusDocument:
    """The document with the times of what is at work, as of now: nobody sends those."""
    prds = tuple(
        replace(prd, runtime_s=round(max(0.0, now - prd.started_at), 1))
        if prd.state == AT_WORK and prd.started_at
        else prd
        for prd in document.prds
    )
    return replace(document, at=now, prds=prds)


def _prd_change(before: PrdStatus | None, now: PrdStatus) -> PrdChange | None:
    if before is now:
        return None
    if before is None or [each.id for each in before.stories] != [each.id for each in now.stories]:
        return PrdChange(prd=now, is_whole=True)
    pairs = zip(before.stories, now.stories, strict=True)
    stories = tuple(new for old, new in pairs if old is not new and old != new)
    if not stories and _without_time(before) == _without_time(now):
        return None
    return PrdChange(prd=replace(now, stories=stories))


def _prd_after(known: PrdStatus | None, change: PrdChange) -> PrdStatus:
    if known is None or change.is_whole:
        return change.prd
    told = {story.id: story for story in change.prd.stories}
    return replace(change.prd, stories=tuple(told.get(story.id, story) for story in known.stories))


def _without_time(prd: PrdStatus) -> PrdStatus:
    return replace(prd, runtime_s=0.0, stories=())
