"""Journal records as events: what a supervisor wrote down, in the form of the public event log."""

from __future__ import annotations

from typing import assert_never

from ....policies.counting import counted
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
)
from ...core.prd.costs.records import (
    BudgetFree,
    BudgetUsed,
    PrdBudgetFree,
    PrdBudgetUsed,
    UsageSeen,
)
from ...core.prd.growth import no_more, said
from ...core.prd.memory import Prediction
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
    PrdRecord,
    PrdReleased,
    Record,
    RollbackDecided,
    RollbackRefused,
    SessionKnown,
    StoryDone,
    StoryGivenUp,
    StoryHeld,
    StoryRecord,
    StoryReleased,
    StoryReset,
    StorySkipped,
    VerifyOver,
    WorkKept,
    WorktreeGivenUp,
    WorktreeReady,
)
from ...core.prd.remembering import failure_of
from ...core.prd.state import story_of
from ...core.root.records import (
    AccountOpened,
    AccountShut,
    AnswerSettled,
    BootSeen,
    BudgetRenewed,
    Held,
    HoldRecord,
    InteractiveSet,
    PersonAnswered,
    PrdAccepted,
    PrdBegun,
    PrdForgotten,
    PrdSettled,
    Released,
    RetryGiven,
    RetryOrdered,
    RetryRecord,
    RootRecord,
    RunBegun,
)
from .eventlog import Event, event_of, with_failure
from .recorded_accounts import account_event
from .recorded_approvals import answer_words, approval_words
from .recorded_costs import cost_words
from .recorded_reviews import review_words


def prd_event(prd_id: str, record: Record, at: float) -> Event:
    """What a record of a PRD's journal tells."""
    match record:
        case VerifyOver():
            event, text = "verify_over", _verify_text(record)
        case (
            BranchRecorded()
            | PrdHeld()
            | PrdReleased()
            | PrdLanded()
            | RollbackDecided()
            | RollbackRefused()
            | BegunAnew()
            | PrdBudgetUsed()
            | PrdBudgetFree()
            | PrdApprovalWanted()
            | PrdApproved()
            | PrdRejected()
            | PrdAskedAnew()
        ):
            event, text = _of_prd(record)
            return event_of(event, text, at=at, prd_id=prd_id)
        case Noted():
            return _note(prd_id, record, at)
        case _:
            event, text = _words(record)
    attempt = getattr(record, "attempt", 0)
    told = event_of(
        event, text, at=at, prd_id=prd_id, story_id=record.story_id, attempt=int(attempt)
    )
    return with_failure(told, failure_of(record) if isinstance(record, AttemptLost) else None)


def _of_prd(record: PrdRecord) -> tuple[str, str]:  # noqa: C901, PLR0911  a case a record
    match record:
        case BranchRecorded():
            return "branch", f"works on {record.branch}, which started from {record.base[:10]}"
        case PrdHeld():
            return "held", "its supervisor begins nothing new"
        case PrdReleased():
            return "released", "its supervisor goes on"
        case PrdLanded():
            return "landing_over", record.text
        case RollbackDecided():
            return "rollback", "it failed: what it merged is taken out of its branch"
        case RollbackRefused():
            return "rollback_refused", record.text
        case BegunAnew():
            return "begun_anew", "it was rolled back: what it had merged is open again"
        case VerifyOver():
            return "verify_over", _verify_text(record)
        case PrdBudgetUsed() | PrdBudgetFree():
            return cost_words(record)
        case PrdApprovalWanted() | PrdApproved() | PrdRejected() | PrdAskedAnew():
            return approval_words(record)
        case _:
            assert_never(record)


def _verify_text(record: VerifyOver) -> str:
    colour = "green" if record.is_green else "red"
    of = f" of {', '.join(record.stories)}" if record.stories else ""
    return f"{record.stage}{of}: {colour} after {record.took_s:.1f} s"


def _note(prd_id: str, note: Noted, at: float) -> Event:
    child = story_of(note.child_id)
    is_story = child != note.child_id
    return event_of(
        note.event,
        note.text if is_story or child == prd_id else f"{child}: {note.text}",
        at=at,
        prd_id=prd_id,
        story_id=child if is_story else "",
        attempt=note.attempt,
    )


def root_event(  # noqa: C901, PLR0912  a case a record
    record: RootRecord, at: float
) -> Event:
    """What a record of root's journal tells."""
    story_id = ""
    match record:
        case PrdAccepted():
            event, text = "prd_accepted", f"{record.path}, from {record.base[:10]}"
            text += "; what failed is tried again" if record.retry else ""
        case PrdBegun():
            event, text = "prd_begun", "its supervisor starts"
        case PrdSettled():
            event, text = f"prd_{record.state.value}", "; ".join(record.reasons)
        case PrdForgotten():
            event, text = "prd_forgotten", "it ended long ago, and nothing of it is left"
        case Held() | Released() | RetryOrdered() | RetryGiven():
            (event, text), story_id = _of_order(record), record.story_id
        case AccountShut() | AccountOpened():
            return account_event(record, at)
        case InteractiveSet():
            word = "people have the word" if record.is_on else "nobody has to be asked"
            return event_of("interactive", f"{word} from here on", at=at)
        case BootSeen():
            return event_of("booted", "root began in another boot of the machine", at=at)
        case RunBegun():
            return event_of("run_begun", "a run begins: its budget counts from here", at=at)
        case BudgetRenewed():
            event, text, story_id = "budget_released", "its budget counts anew", record.story_id
        case PersonAnswered() | AnswerSettled():
            event, text, story_id = answer_words(record)
        case Noted():
            return _note(record.child_id, record, at)
        case _:
            assert_never(record)
    return event_of(event, text, at=at, prd_id=record.prd_id, story_id=story_id)


def _of_order(record: HoldRecord | RetryRecord) -> tuple[str, str]:
    match record:
        case Held():
            return "held", "nothing new of it begins"
        case Released():
            return "released", "it goes on"
        case RetryOrdered():
            return "retry_asked", record.story_id or "all that failed or was skipped"
        case RetryGiven():
            return "retried", "its supervisor has seen to it"
        case _:
            assert_never(record)


def says_the_same(record: Event, note: Event) -> bool:
    """Say whether a note only repeats the record before it, perhaps with more words."""
    if any(record[key] != note[key] for key in ("event", "prd")):
        return False
    told, again = str(record["text"]), str(note["text"])
    return again.startswith(told) or again.endswith(told)


def _words(record: StoryRecord) -> tuple[str, str]:  # noqa: C901, PLR0911  a case a record
    match record:
        case AttemptBegun():
            return "attempt_started", f"attempt {record.attempt} begins"
        case WorktreeReady():
            return "worktree_ready", f"{record.worktree}, the story from {record.base[:10]}"
        case WorktreeGivenUp():
            return "worktree_given_up", f"slot {record.slot} is another story's, or removed"
        case AgentBegan() | SessionKnown() | AgentOver():
            return _agent(record)
        case WorkKept():
            claim = "its agent ended well" if record.is_claimed else "its agent did not end well"
            return (
                "work_kept",
                f"{counted(len(record.files), 'file')} in {record.head[:10]}; {claim}",
            )
        case ReviewBegan() | ReviewOver():
            return review_words(record)
        case UsageSeen() | BudgetUsed() | BudgetFree():
            return cost_words(record)
        case ApprovalWanted() | Approved() | Rejected():
            return approval_words(record)
        case ConflictPredicted():
            return "conflict_predicted", said(Prediction(other=record.other, places=record.places))
        case ConflictGone():
            return "conflict_gone", no_more(record.other)
        case _:
            return _decision(record)


def _agent(record: AgentBegan | SessionKnown | AgentOver) -> tuple[str, str]:
    match record:
        case AgentBegan():
            return "agent_started", f"pid {record.pid}, start ticks {record.start_ticks}"
        case SessionKnown():
            return "session_known", f"{record.agent} calls its conversation {record.session}"
        case AgentOver():
            outcome = record.outcome
            return "agent_ended", f"{outcome.detail} after {outcome.duration_s:.1f} s"
        case _:
            assert_never(record)


def _decision(  # noqa: PLR0911  one case a record
    record: AttemptLost
    | StoryDone
    | StoryGivenUp
    | StorySkipped
    | StoryReset
    | StoryHeld
    | StoryReleased,
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
        case StoryHeld():
            return "held", "its PRD's supervisor begins nothing new of it"
        case StoryReleased():
            return "released", "its PRD's supervisor goes on with it"
        case _:
            assert_never(record)
