"""What a PRD's journal tells of reviews, and what is known of a story's after hearing it."""

from __future__ import annotations

from msgspec import Struct

from .....policies.outcomes.outcome import Outcome
from .....policies.outcomes.review import Verdict
from .....policies.values import replace


class ReviewBegan(Struct, frozen=True, kw_only=True):
    """A reviewer's process lives: it looks at this commit."""

    story_id: str
    attempt: int
    head: str
    agent: str
    model: str = ""


class ReviewOver(Struct, frozen=True, kw_only=True):
    """The reviewer is gone. Without a verdict it will be asked again."""

    story_id: str
    attempt: int
    head: str
    agent: str
    outcome: Outcome
    model: str = ""
    verdict: Verdict | None = None
    text: str = ""  # its reasons, or why there are none
    tries: int = 0  # so far without an answer
    passed: int = 0  # so far put off: for a limit, an overload, a login
    is_short: bool = False  # the next one is shown less of the work


ReviewRecord = ReviewBegan | ReviewOver


class Review(Struct, frozen=True, kw_only=True):
    """What is known of the review of a story's work."""

    head: str = ""  # the commit that it is about
    verdict: Verdict | None = None
    agent: str = ""
    model: str = ""
    text: str = ""
    tries: int = 0
    passed: int = 0
    is_short: bool = False

    def of(self, head: str) -> Review:
        """What is known of this commit's review."""
        return self if self.head == head else Review(head=head)

    @property
    def words(self) -> str:
        """A few words for the evidence; none where nobody was to review it."""
        if self.verdict is Verdict.NOT_REVIEWED:
            return f"not reviewed: {self.text}"
        return f"{self.verdict.value} by the review of {self.agent}" if self.verdict else ""


NO_REVIEW = Review()


def review_after(review: Review, record: ReviewRecord) -> Review:
    """What is known after this record."""
    review = replace(review.of(record.head), agent=record.agent, model=record.model)
    if isinstance(record, ReviewBegan):
        return review
    return replace(
        review,
        verdict=record.verdict,
        text=record.text,
        tries=record.tries,
        passed=record.passed,
        is_short=record.is_short,
    )
