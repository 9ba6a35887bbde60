"""What a PRD's records count for in the metrics. Durations that a record has not are not here."""

from __future__ import annotations

from ....policies.metrics import families
from ....policies.metrics.tally import Tally
from ....policies.supervising.spec import Cause
from ..common import Noted
from .agents.review_records import ReviewOver
from .records import (
    AgentOver,
    AttemptBegun,
    AttemptLost,
    Record,
    StoryDone,
    StoryGivenUp,
    StorySkipped,
    VerifyOver,
)

DONE, FAILED, SKIPPED = "done", "failed", "skipped"
RESOLVED = "conflict_resolved"
UNTYPED = "unknown"  # of an older version's record


def count(tally: Tally, prd_id: str, record: Record, agent: str) -> None:
    """Count what a new record tells; `agent` is who works on its story."""
    match record:
        case AttemptBegun():
            tally.count(families.ATTEMPTS.name, (prd_id,))
        case AttemptLost():
            _count_lost(tally, prd_id, record)
        case AgentOver() | ReviewOver():
            who = record.agent if isinstance(record, ReviewOver) else agent
            outcome = record.outcome
            tally.time(families.AGENT_S.name, (who, outcome.kind.value), outcome.duration_s)
        case VerifyOver():
            colour = "green" if record.is_green else "red"
            tally.time(families.VERIFY_S.name, (record.stage, colour), record.took_s)
        case StoryDone() | StoryGivenUp() | StorySkipped():
            if result := result_of(record):
                tally.count(families.STORIES.name, (prd_id, result))
        case Noted() if record.event == RESOLVED:
            tally.count(families.CONFLICTS.name, ("resolved",))
        case _:
            pass  # it is no figure


def result_of(record: StoryDone | StoryGivenUp | StorySkipped) -> str:
    """What became of the story by a run of ours; empty where its document had said so."""
    match record:
        case StoryDone():
            return DONE if record.attempt else ""
        case StorySkipped():
            return "" if record.by_document else SKIPPED
        case StoryGivenUp():
            return FAILED


def _count_lost(tally: Tally, prd_id: str, record: AttemptLost) -> None:
    tally.count(families.LOST.name, (prd_id, record.type or UNTYPED))
    if record.conflict:
        tally.count(families.CONFLICTS.name, ("done_again",))
    if record.cause is Cause.MEMORY:
        tally.count(families.MEMORY_KILLS.name)
    elif record.cause is Cause.HANG:
        tally.count(families.HANGS.name)
