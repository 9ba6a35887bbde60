"""The last refs of a PRD that nobody wants any more: its record and its base."""

from __future__ import annotations

from collections.abc import Callable

from .closing import delete_refs
from .place import BASES, BRANCHES, Place

_STORIES = f"{BRANCHES}prd-supervise/"


def is_held(place: Place) -> bool:
    """Say whether a branch of the user's has everything that our record of the PRD's branch has."""
    records = place.refs(place.record_ref(""))
    return all(_has_holder(place, found.commit) for found in records.values())


def let_go(place: Place, *, is_wanted: Callable[[], bool]) -> bool:
    """Remove what refs of ours a PRD has, if work is lost by none; say whether none is left."""
    with place.locked():
        if is_wanted() or not is_held(place):
            return False
        own = place.refs(place.record_ref(""), f"{BASES}{place.prd_id}")
        delete_refs(place, {name: found.commit for name, found in own.items()})
    return True


def _has_holder(place: Place, commit: str) -> bool:
    form = "--format=%(refname)"
    patterns = (f"--contains={commit}", BRANCHES, "refs/remotes/", "refs/tags/")
    names = place.git.run("for_each_ref", form, *patterns).line.split("\n")
    return any(name and not name.startswith(_STORIES) for name in names)
