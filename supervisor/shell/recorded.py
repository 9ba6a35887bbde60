"""Journal records as events: what a supervisor wrote down, in the form of the public event log."""

from __future__ import annotations

from typing import assert_never

from ..core.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    BranchRecorded,
    Record,
    StoryDone,
    StoryGivenUp,
    StoryRecord,
    StoryReset,
    StorySkipped,
    WorkKept,
    WorktreeReady,
)
from ..core.root_words import PrdAccepted, PrdBegun, PrdSettled, RootRecord
from .eventlog import Event, event_of


def prd_event(prd_id: str, record: Record, at: float) -> Event:
    """What a record of a PRD's journal tells."""
    if isinstance(record, BranchRecorded):
        text = f"works on {record.branch}, which started from {record.base[:10]}"
        return event_of("branch", text, at=at, prd_id=prd_id)
    event, text = _words(record)
    attempt = getattr(record, "attempt", 0)
    return event_of(
        event, text, at=at, prd_id=prd_id, story_id=record.story_id, attempt=int(attempt)
    )


def root_event(record: RootRecord, at: float) -> Event:
    """What a record of root's journal tells."""
    match record:
        case PrdAccepted():
            event = "prd_accepted"
            text = f"{record.path}, from {record.base[:10]}"
            text += "; what failed is tried again" if record.retry else ""
        case PrdBegun():
            event, text = "prd_begun", "its supervisor starts"
        case PrdSettled():
            event, text = f"prd_{record.state.value}", "; ".join(record.reasons)
        case _:
            assert_never(record)
    return event_of(event, text, at=at, prd_id=record.prd_id)


def _words(record: StoryRecord) -> tuple[str, str]:
    match record:
        case AttemptBegun():
            return "attempt_started", f"attempt {record.attempt} begins"
        case WorktreeReady():
            return "worktree_ready", f"{record.worktree}, the story from {record.base[:10]}"
        case AgentBegan():
            return "agent_started", f"pid {record.pid}, start ticks {record.start_ticks}"
        case AgentOver():
            outcome = record.outcome
            return "agent_ended", f"{outcome.detail} after {outcome.duration_s:.1f} s"
        case WorkKept():
            claim = "its agent ended well" if record.is_claimed else "its agent did not end well"
            return "work_kept", f"{len(record.files)} file(s) in {record.head[:10]}; {claim}"
        case _:
            return _decision(record)


def _decision(
    record: AttemptLost | StoryDone | StoryGivenUp | StorySkipped | StoryReset,
) -> tuple[str, str]:
    match record:
        case AttemptLost():
            return "attempt_failed" if record.counts else "attempt_stopped", record.reason
        case StoryDone():
            merged = f"merged as {record.commit[:10]}: " if record.commit else ""
            return "merged" if merged else "done", merged + record.evidence
        case StoryGivenUp():
            return "story_failed", record.reason
        case StorySkipped():
            return "story_skipped", record.reason
        case StoryReset():
            return "reset", "it gets a new start"
        case _:
            assert_never(record)
