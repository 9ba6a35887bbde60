"""What the states of stories and PRDs mean, for all who ask; the words are the core's own.

See `core/prd/view.py` and `board.py`; a test holds these to them. Who only looks has to be quick,
and imports neither.
"""

from __future__ import annotations

AWAITED = "waiting for approval"
STOPPING = "stopping"  # of a PRD at work; it is no state of its own
AT_WORK = frozenset(  # of a story: processes of it are alive, or git is at work for it
    {"starting", "setting up", "running", "verifying", "in review", "merging", "ending"}
)
LOST = frozenset({"failed", "skipped", "rolled back"})  # nothing comes of it any more by itself
ENDED = frozenset({"completed", "failed", "stopped", "interrupted", "damaged"})  # of a PRD
_DONE = "done"
UNVERIFIED = "done (unverified)"  # there was no verify command
_NOT_LANDED = "not landed"


def is_done(state: str) -> bool:
    """Say whether a story counts as done."""
    return state.startswith(_DONE)


def is_kept_back(landed: str | None) -> bool:
    """Say whether a completed PRD was to go into another branch, and did not."""
    return (landed or "").startswith(_NOT_LANDED)


def has_landed(landed: str | None) -> bool:
    """Say whether the work of a PRD is in another branch."""
    return bool(landed) and not is_kept_back(landed)
