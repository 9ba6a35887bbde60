"""What a PRD's folder remembers: the fold of its snapshot and its journal."""

from __future__ import annotations

from collections import defaultdict

import msgspec
from msgspec import Struct, field

from ....policies.approval import Approval
from ....policies.values import replace
from ...core.common import Noted
from ...core.prd.agents.review_records import ReviewBegan, ReviewOver
from ...core.prd.approvals.records import (
    ApprovalWanted,
    Approved,
    PrdApprovalWanted,
    PrdApproved,
    PrdAskedAnew,
    PrdRejected,
    Rejected,
    approval_after,
)
from ...core.prd.costs.records import (
    BudgetFree,
    BudgetUsed,
    PrdBudgetFree,
    PrdBudgetUsed,
    UsageSeen,
)
from ...core.prd.memory import Memory
from ...core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    BegunAnew,
    BranchRecorded,
    ConflictGone,
    ConflictPredicted,
    PrdHeld,
    PrdLanded,
    PrdReleased,
    Record,
    RollbackDecided,
    RollbackRefused,
    SessionKnown,
    StoryDone,
    StoryGivenUp,
    StoryHeld,
    StoryReleased,
    StoryReset,
    StorySkipped,
    VerifyOver,
    WorkKept,
    WorktreeGivenUp,
    WorktreeReady,
)
from ...core.prd.remembering import remember
from ..moments import UNKNOWN, Moments
from .store import Stored

KINDS: tuple[type, ...] = (
    BranchRecorded,
    AttemptBegun,
    WorktreeReady,
    WorktreeGivenUp,
    AgentBegan,
    SessionKnown,
    UsageSeen,
    AgentOver,
    WorkKept,
    ReviewBegan,
    ReviewOver,
    AttemptLost,
    StoryDone,
    StoryGivenUp,
    StorySkipped,
    StoryReset,
    StoryHeld,
    StoryReleased,
    BudgetUsed,
    BudgetFree,
    ConflictPredicted,
    ConflictGone,
    PrdHeld,
    PrdReleased,
    PrdBudgetUsed,
    PrdBudgetFree,
    PrdLanded,
    RollbackDecided,
    RollbackRefused,
    BegunAnew,
    ApprovalWanted,
    Approved,
    Rejected,
    PrdApprovalWanted,
    PrdApproved,
    PrdRejected,
    PrdAskedAnew,
    VerifyOver,
    Noted,
)


class Lifespan(Struct, frozen=True, kw_only=True):
    """When a story was begun, and when it was decided; epoch seconds, 0: not yet, or not known."""

    began: float = 0.0
    decided: float = 0.0


NO_LIFESPAN = Lifespan()


def lifespan_after(known: Lifespan, record: object, at: float) -> Lifespan:
    """The lifespan of a story after a record of it."""
    match record:
        case AttemptBegun():
            return Lifespan(began=known.began or at)
        case StoryDone() | StoryGivenUp() | StorySkipped():
            return replace(known, decided=at)
        case StoryReset():
            return NO_LIFESPAN
        case _:
            return known


def _memories() -> defaultdict[str, Memory]:
    return defaultdict(Memory)


class Recollection(Struct, kw_only=True):
    """A PRD's branch and its stories, as far as they were written down."""

    branch: str = ""
    base: str = ""
    base_branch: str = ""
    is_held: bool = False
    landed: str = ""
    is_rolled_back: bool = False
    budget_used: str = ""  # the whole PRD's: the figures
    approval: Approval | None = None  # what a person was asked of the whole PRD, and the answer
    stories: defaultdict[str, Memory] = field(default_factory=_memories)
    moments: dict[str, Moments] = field(default_factory=dict)
    lifespans: dict[str, Lifespan] = field(default_factory=dict)


def recall(stored: Stored) -> Recollection:
    """Go through what is stored, from the beginning."""
    known = Recollection()
    if stored.payload is not None:
        try:
            snapshot = msgspec.convert(stored.payload, _Snapshot)
        except msgspec.ValidationError as error:
            raise stored.of_another_version(error) from error
        known.branch, known.base = snapshot.branch, snapshot.base
        known.is_held = snapshot.is_held
        known.base_branch, known.landed = snapshot.base_branch, snapshot.landed
        known.is_rolled_back = snapshot.is_rolled_back
        known.budget_used, known.approval = snapshot.budget_used, snapshot.approval
        known.stories.update(snapshot.stories)
        known.moments.update(snapshot.moments)
        known.lifespans.update(snapshot.lifespans)
    for record, at in stored.records:
        _hear(known, record, at)  # type: ignore[arg-type]  # the store reads KINDS only
    return known


def _hear(known: Recollection, record: Record, at: float) -> None:
    match record:
        case BranchRecorded():
            known.branch, known.base = record.branch, record.base
            known.base_branch = record.base_branch
        case PrdHeld() | PrdReleased():
            known.is_held = isinstance(record, PrdHeld)
        case PrdLanded():
            known.landed = record.text
        case RollbackDecided() | RollbackRefused() | BegunAnew():
            known.is_rolled_back = isinstance(record, RollbackDecided)
        case PrdBudgetUsed():
            known.budget_used = record.text
        case PrdBudgetFree():
            known.budget_used = ""
        case PrdApprovalWanted() | PrdApproved() | PrdRejected() | PrdAskedAnew():
            known.approval = approval_after(record)
        case VerifyOver() | Noted():
            pass
        case _:
            before = known.stories[record.story_id]
            now = known.stories[record.story_id] = remember(before, record)
            moments = known.moments.get(record.story_id, UNKNOWN)
            known.moments[record.story_id] = _moments_after(moments, before, now, at)
            lifespan = known.lifespans.get(record.story_id, NO_LIFESPAN)
            known.lifespans[record.story_id] = lifespan_after(lifespan, record, at)


def _moments_after(known: Moments, before: Memory, now: Memory, at: float) -> Moments:
    """A record tells of a new attempt, or of a new state: done, held, waiting for the next one."""
    if now.attempt != before.attempt:
        known = replace(known, attempt_since=at)
    is_same = (now.state, now.is_held, now.is_open) == (
        before.state,
        before.is_held,
        before.is_open,
    )
    return known if is_same else replace(known, since=at)


def payload_of(known: Recollection) -> object:
    """The snapshot of all that is known."""
    return msgspec.to_builtins(
        _Snapshot(
            branch=known.branch,
            base=known.base,
            is_held=known.is_held,
            base_branch=known.base_branch,
            landed=known.landed,
            is_rolled_back=known.is_rolled_back,
            budget_used=known.budget_used,
            approval=known.approval,
            stories=dict(known.stories),
            moments=known.moments,
            lifespans=known.lifespans,
        )
    )


class _Snapshot(msgspec.Struct, kw_only=True):
    branch: str
    base: str
    is_held: bool = False
    base_branch: str = ""
    landed: str = ""
    is_rolled_back: bool = False
    budget_used: str = ""
    approval: Approval | None = None
    stories: dict[str, Memory]
    moments: dict[str, Moments] = field(default_factory=dict)
    lifespans: dict[str, Lifespan] = field(default_factory=dict)
