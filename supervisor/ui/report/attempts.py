"""Each attempt of a story, as its PRD's journal tells it: when, in which place, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct, field

from ....policies.values import replace
from ...core.prd.agents.review_records import ReviewBegan, ReviewOver
from ...core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    StoryDone,
    StoryGivenUp,
    StorySkipped,
    VerifyOver,
)
from .figures import BASE
from .spans import Span

PIECES_MAX = 40  # of one attempt


class End(Enum):
    """What an attempt came to."""

    OPEN = "open"  # it is at work, or nobody has heard of it again
    MERGED = "merged"
    LOST = "lost"  # it has cost the story one of its attempts
    AGAIN = "again"  # it came to nothing, at no cost: others were merged before it, a limit ...
    STOPPED = "stopped"  # the tree stopped, or somebody wanted its end


class Work(Enum):
    """What takes the time of an attempt."""

    AGENT = "agent"
    VERIFY = "verify"
    REVIEW = "review"


class Piece(Struct, frozen=True, kw_only=True):
    """A part of an attempt in which something of it was at work."""

    work: Work
    began: float
    ended: float


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt; `place` is the worker's, from 1. Times are epoch seconds."""

    number: int
    place: int
    began: float
    ended: float
    end: End = End.OPEN
    agent: str = ""
    model: str = ""
    reason: str = ""  # why it came to nothing
    type: str = ""  # ... as a word for programs
    pieces: tuple[Piece, ...] = ()


class _Story(Struct, kw_only=True):
    attempts: list[Attempt] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    working: Work | None = None
    since: float = 0.0
    is_open: bool = False


def attempts_of(
    records: Sequence[tuple[object, float]], spans: Sequence[Span]
) -> dict[str, tuple[Attempt, ...]]:
    """The attempts of each story; none lasts longer than its PRD was at work."""
    found: dict[str, _Story] = {}
    for record, at in records:
        for name in _names(record):
            _hear(found.setdefault(name, _Story()), record, at)
    for story in found.values():
        if story.is_open:
            _close(story, _end_of(spans, story.attempts[-1].began), End.OPEN)
    return {
        name: tuple(_within(each, spans) for each in story.attempts)
        for name, story in found.items()
        if story.attempts
    }


def _names(record: object) -> Iterable[str]:
    if isinstance(record, VerifyOver) and record.stories:
        return record.stories
    name = getattr(record, "story_id", "")
    return (str(name),) if name else ()


def _hear(story: _Story, record: object, at: float) -> None:
    match record:
        case AttemptBegun():
            if story.is_open:  # of its end nobody has written
                _close(story, at, End.OPEN)
            story.is_open, story.pieces, story.working = True, [], None
            begun = Attempt(number=record.attempt, place=record.slot, began=at, ended=at)
            story.attempts.append(begun)
        case AgentBegan() if story.is_open:
            story.working, story.since = Work.AGENT, at
            last = story.attempts[-1]
            story.attempts[-1] = replace(last, agent=record.agent, model=record.model)
        case ReviewBegan() if story.is_open:
            story.working, story.since = Work.REVIEW, at
        case AgentOver() | ReviewOver() if story.is_open:
            began = story.since if story.working else at - record.outcome.duration_s
            work = Work.REVIEW if isinstance(record, ReviewOver) else Work.AGENT
            _piece(story, work, began, at)
            story.working = None
        case VerifyOver() if story.is_open and record.stage != BASE:
            _piece(story, Work.VERIFY, at - record.took_s - record.setup_s, at)
        case AttemptLost() if story.is_open:
            last = story.attempts[-1]
            story.attempts[-1] = replace(last, reason=record.reason, type=record.type)
            _close(story, at, _end_by(record))
        case StoryDone() if story.is_open:
            _close(story, at, End.MERGED)
        case StoryGivenUp() | StorySkipped() if story.is_open:
            _close(story, at, End.LOST)
        case _:
            pass  # nothing that is seen of an attempt


def _end_by(record: AttemptLost) -> End:
    if record.counts:
        return End.LOST
    return End.STOPPED if record.keeps_claim or record.type == "stopped" else End.AGAIN


def _piece(story: _Story, work: Work, began: float, ended: float) -> None:
    if len(story.pieces) < PIECES_MAX:
        began = max(began, story.attempts[-1].began)
        story.pieces.append(Piece(work=work, began=min(began, ended), ended=ended))


def _close(story: _Story, at: float, end: End) -> None:
    if story.working is not None:
        _piece(story, story.working, story.since, max(at, story.since))
    last = story.attempts[-1]
    pieces = tuple(story.pieces)
    story.attempts[-1] = replace(last, ended=max(at, last.began), end=end, pieces=pieces)
    story.is_open, story.working = False, None


def _end_of(spans: Sequence[Span], began: float) -> float:
    """When the PRD that was at work then was so no more."""
    return next((end for first, end in spans if first <= began <= end), began)


def _within(attempt: Attempt, spans: Sequence[Span]) -> Attempt:
    """Without the time after a crash in which nobody was there to note its end."""
    end = min(attempt.ended, max(_end_of(spans, attempt.began), attempt.began))
    if end == attempt.ended:
        return attempt
    pieces = (
        replace(each, ended=min(each.ended, end)) for each in attempt.pieces if each.began < end
    )
    return replace(attempt, ended=end, pieces=tuple(pieces))
