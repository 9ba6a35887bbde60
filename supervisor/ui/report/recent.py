"""What of a journal is recent: the records since a moment, of whole attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .attempts import Attempt

Told = Sequence[tuple[object, float]]


def recent(
    records: Told, since: float, attempts: Mapping[str, Sequence[Attempt]]
) -> list[tuple[object, float]]:
    """The records from then on, and those of attempts that were under way then.

    Of an attempt that had ended by then nothing is told, though its loss be noted later.
    """
    is_recent = {
        (name, each.number): each.ended >= since
        for name, tried in attempts.items()
        for each in tried
    }
    return [
        (record, at) for record, at in records if is_recent.get(_attempt_of(record), at >= since)
    ]


def _attempt_of(record: object) -> tuple[str, int]:
    return str(getattr(record, "story_id", "")), int(getattr(record, "attempt", 0))
