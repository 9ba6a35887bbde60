"""How long is kept what runs leave: what may go, for a person or by itself, and why.

`clean` and the tree's own tidying decide by this alone. Work that nothing else holds goes only
where a person names its age; the tree by itself never takes it.
"""

from __future__ import annotations

from msgspec import Struct

DAY_S = 86_400.0

WORKTREE, LEFTOVERS = "worktree", "leftovers"
STORY_BRANCH, PRD_BRANCH = "story branch", "PRD branch"
ATTEMPTS, SALVAGED = "attempts", "salvage"

BUSY = frozenset({"active", "queued"})
FINISHED = frozenset({"completed", "failed"})
_PEOPLES = frozenset({LEFTOVERS, PRD_BRANCH})  # people look for these by name


class Terms(Struct, frozen=True, kw_only=True):
    """Who wants room: a person, or the tree by itself. Moments are epoch seconds."""

    is_by_itself: bool = False
    before_s: float = 0.0  # what ended before then is old
    salvage_before_s: float | None = None  # a person gives up salvage from before, merged or not


class Found(Struct, frozen=True, kw_only=True):
    """A thing that a PRD has left; each of the four texts is a reason, or empty."""

    kind: str
    at_s: float  # when it, or its PRD, came to an end
    held_by: str = ""  # why nothing is lost without it
    outlived_by: str = ""  # why nobody misses it once it is old
    wanted_for: str = ""  # why it stays where neither is so
    blocked_by: str = ""  # why it stays in any case


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether it goes, and why."""

    can_go: bool
    why: str


def verdict(found: Found, terms: Terms) -> Verdict:
    """Say whether a thing may go on these terms."""
    if found.blocked_by:
        return Verdict(can_go=False, why=found.blocked_by)
    is_old = found.at_s < terms.before_s
    why = found.held_by or (found.outlived_by if is_old else "") or _given_up(found, terms)
    if not why:
        return Verdict(can_go=False, why=found.wanted_for)
    if terms.is_by_itself and found.kind in _PEOPLES:
        return Verdict(can_go=False, why="`prd-supervise clean` removes it")
    if terms.is_by_itself and not is_old:
        return Verdict(can_go=False, why="it is not old enough")
    return Verdict(can_go=True, why=why)


def _given_up(found: Found, terms: Terms) -> str:
    """Why salvage goes whose age a person has named."""
    if found.kind != SALVAGED or terms.is_by_itself or terms.salvage_before_s is None:
        return ""
    return "older than was asked for" if found.at_s < terms.salvage_before_s else ""


def is_only_copy(found: Found, terms: Terms) -> bool:
    """Say whether this is old, and kept for being the only copy of somebody's work."""
    is_old = found.kind == SALVAGED and found.at_s < terms.before_s
    return is_old and not (found.held_by or found.outlived_by)


class Ended(Struct, frozen=True, kw_only=True):
    """A PRD that has run: what has become of it, and what there is of it still."""

    state: str
    ended_s: float
    has_document: bool  # its file is there, so that it would be run anew
    has_remains: bool  # work, branches of stories, worktrees
    is_wanted: bool  # held, answered, or paid for from a budget that still counts


def may_be_forgotten(ended: Ended, terms: Terms) -> bool:
    """Say whether nobody can miss a PRD: one whose file is there would be run once more."""
    is_over = ended.state in FINISHED and 0.0 < ended.ended_s < terms.before_s
    is_missed = ended.has_document or ended.has_remains or ended.is_wanted
    return is_over and not is_missed
