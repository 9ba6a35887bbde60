"""Records of reviews as events."""

from __future__ import annotations

from ...core.prd.agents.review_records import ReviewBegan, ReviewOver


def review_words(record: ReviewBegan | ReviewOver) -> tuple[str, str]:
    """The name of the event, and a line for people."""
    if isinstance(record, ReviewBegan):
        return "review_started", f"{record.agent} looks at {record.head[:10]}"
    took = f"after {record.outcome.duration_s:.1f} s"
    if record.verdict is None:
        return "review_ended", f"{record.agent}, without an answer {took}: {record.text}"
    return "review_ended", f"{record.agent}: {record.verdict.value} {took}"
