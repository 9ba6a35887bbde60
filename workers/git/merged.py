"""Which stories a commit has in it, by the trailers of what we merge."""

from __future__ import annotations

from collections.abc import Mapping

from .place import Place


def merged_stories(place: Place, into: str) -> Mapping[str, int]:
    """The stories of this PRD whose trailer is in the branch itself, and when each came last."""
    form = "--format=%ct%x00%(trailers:key=PRD-Story,valueonly,separator=%x00)"
    merged: dict[str, int] = {}
    for line in place.git.run("log", "--first-parent", form, into, "--").line.split("\n"):
        at_s, *stories = line.split("\0")
        for prd_id, _, story_id in (each.strip().partition("/") for each in stories):
            if prd_id == place.prd_id and story_id:
                merged[story_id] = max(int(at_s), merged.get(story_id, 0))
    return merged
