"""Retries that a root had taken on when it died, and that no PRD supervisor had heard of yet."""

from __future__ import annotations

from ....policies.values import replace
from ...core.root.records import PrdAccepted, PrdState
from ..board import Row
from ..moments import UNKNOWN

_LOST = frozenset({"failed", "skipped"})  # the states of a story that a retry changes


def with_due_retry(accepted: PrdAccepted, row: Row | None) -> PrdAccepted:
    """What a new run accepts, with the new start that was ordered before and not given."""
    if row is None:
        return accepted
    before = row.accepted
    if row.state is PrdState.QUEUED:
        is_due, due = before.retry, before.retry_stories
    elif row.state is PrdState.ACTIVE:
        lost = _lost_before_it_began(row)
        is_due, due = before.retry and bool(lost), tuple(lost.intersection(before.retry_stories))
    else:
        is_due, due = False, ()
    return replace(
        accepted,
        retry=accepted.retry or is_due or "" in row.retries,
        retry_stories=tuple(sorted({*accepted.retry_stories, *due, *row.retries} - {""})),
    )


def _lost_before_it_began(row: Row) -> frozenset[str]:
    """Whose new start would have been the first thing that its supervisor did."""
    return frozenset(
        name
        for name, story in row.stories.items()
        if story.state in _LOST and 0 < row.moments.get(name, UNKNOWN).since < row.started_at
    )
