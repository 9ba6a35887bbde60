"""Stories of different PRDs with the same files or mutex: one waits for the other, or it is told.

Who asked first goes first among those that exclude each other, so nobody waits for ever. A story
that waits for a lease has nothing that another PRD's story would wait for, so nobody waits in a
ring.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from ....policies.scheduling import admission
from ....policies.scheduling.admission import Door, Lease, Leases
from ....policies.scheduling.overlap import Key, Overlaps
from ....policies.values import replace
from ....workers.messages.prd import StoryAtRest, StoryAtWork

TOLD_MAX = 5_000  # pairs: then no more are told


class Meetings(Struct, frozen=True, kw_only=True):
    """The table, who is at work, and of which pairs people know."""

    table: Overlaps = field(default_factory=Overlaps)
    at_work: frozenset[Key] = frozenset()  # with a worker, whether its agent still runs or not
    told: frozenset[tuple[Key, Key]] = frozenset()


class Met(Struct, frozen=True, kw_only=True):
    """A story that begins, or `waits`, while one of another PRD that it meets is at work."""

    story: Key
    other: Key
    waits: bool


def key_of(lease: Lease) -> Key:
    """The story that a lease is for; its name is that of an attempt."""
    return lease.holder, lease.name.rpartition("#")[0]


def heard(meetings: Meetings, prd_id: str, word: StoryAtWork | StoryAtRest) -> Meetings:
    """After a PRD said who is at work."""
    key = {(prd_id, word.story_id)}
    is_at_work = isinstance(word, StoryAtWork)
    at_work = meetings.at_work | key if is_at_work else meetings.at_work - key
    return replace(meetings, at_work=at_work)


def without(meetings: Meetings, prd_id: str) -> Meetings:
    """After the end of a PRD's supervisor, and of all that it had at work."""
    left = frozenset(key for key in meetings.at_work if key[0] != prd_id)
    return replace(meetings, at_work=left)


def grant(
    meetings: Meetings, leases: Leases, door: Door | None = None
) -> tuple[Leases, tuple[Lease, ...]]:
    """Hand out what is free, and keep stories apart that exclude each other."""
    if not meetings.table.places:
        return admission.grant(leases, door=door)

    def excludes(one: Lease, other: Lease) -> bool:
        return meetings.table.excludes(key_of(one), key_of(other))

    working = [Lease(holder=prd_id, name=f"{name}#") for prd_id, name in sorted(meetings.at_work)]
    return admission.grant(leases, excludes, working, door)


def kept_back(meetings: Meetings, leases: Leases) -> dict[Key, Key]:
    """The stories that wait for one of another PRD which is at work, and for which."""
    at_work = sorted(meetings.at_work | {key_of(lease) for lease in leases.held})
    found = {}
    for key in map(key_of, leases.waiting):
        others = (other for other in at_work if meetings.table.excludes(key, other))
        if (other := next(others, None)) is not None:
            found[key] = other
    return found


def met(
    meetings: Meetings, leases: Leases, granted: Sequence[Lease]
) -> tuple[Meetings, tuple[Met, ...]]:
    """Whom these meet, and those that wait: each pair is told once."""
    if not meetings.table.places:
        return meetings, ()
    at_work = sorted(meetings.at_work | {key_of(lease) for lease in leases.held})
    found = [(key_of(lease), False) for lease in granted]
    found += [(key_of(lease), True) for lease in leases.waiting]
    news: dict[tuple[Key, Key], Met] = {}
    for key, is_waiting in found:
        for other in meetings.table.meeting(key, at_work):
            pair = min(key, other), max(key, other)
            is_apart = meetings.table.excludes(key, other)
            if is_apart == is_waiting and pair not in meetings.told:
                news.setdefault(pair, Met(story=key, other=other, waits=is_waiting))
    if len(meetings.told) + len(news) > TOLD_MAX:
        return meetings, ()
    return replace(meetings, told=meetings.told | news.keys()), tuple(news.values())
