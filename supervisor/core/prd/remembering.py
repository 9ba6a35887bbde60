"""What is known of a story after hearing what its PRD's journal tells.

The same function makes the state while the night runs and after a crash: a record is remembered
when it is written, and again when the journal is replayed.
"""

from __future__ import annotations

from typing import assert_never

from ....policies.approval import Approval
from ....policies.outcomes.failure import Failure, FailureType
from ....policies.outcomes.setbacks import Course
from ....policies.supervising.spec import Tally
from ....policies.values import replace
from ....workers.messages.agents import Choice
from .agents.review_records import NO_REVIEW, ReviewBegan, ReviewOver, review_after
from .approvals.records import ApprovalWanted, Approved, Rejected, approval_after
from .costs.records import BudgetFree, BudgetUsed, UsageSeen
from .costs.spending import WorkRecord, spending_after
from .memory import Memory, Prediction, StoryState, without_lines
from .records import (
    NO_TERMS,
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    ConflictGone,
    ConflictPredicted,
    SessionKnown,
    StoryDone,
    StoryGivenUp,
    StoryHeld,
    StoryRecord,
    StoryReleased,
    StoryReset,
    StorySkipped,
    WorkKept,
    WorktreeGivenUp,
    WorktreeReady,
)


def remember(memory: Memory, record: StoryRecord) -> Memory:  # noqa: C901, PLR0911  a case a record
    """The story after this record."""
    match record:
        case AttemptBegun():
            return replace(
                memory,
                attempt=record.attempt,
                slot=record.slot,
                is_open=True,
                evidence="",
                over=None,
                approval=_answered(memory),
            )
        case WorktreeReady() | WorktreeGivenUp():
            return _place(memory, record)
        case AgentBegan() | SessionKnown() | UsageSeen() | AgentOver():
            return _work(memory, record)
        case WorkKept():
            return _keep(memory, record)
        case ReviewBegan() | ReviewOver():
            return replace(
                memory,
                spending=spending_after(memory, record),
                review=review_after(memory.review, record),
            )
        case AttemptLost():
            return _lose(memory, record)
        case StoryDone():
            return replace(
                memory,
                state=StoryState.DONE,
                attempt=max(memory.attempt, record.attempt),
                is_open=False,
                commit=record.commit,
                evidence=record.evidence,
                reason="",
                over=None,
                lost=None,
                predicted=(),
                collided=(),
                earlier="",
                terms=memory.terms if record.terms == NO_TERMS else record.terms,
            )
        case StoryGivenUp() | StorySkipped() | StoryReset():
            return _decide(memory, record)
        case StoryHeld() | StoryReleased() | ConflictPredicted() | ConflictGone():
            return _note(memory, record)
        case BudgetUsed() | BudgetFree():
            text = record.text if isinstance(record, BudgetUsed) else ""
            return replace(memory, budget_used=text)
        case ApprovalWanted() | Approved() | Rejected():
            return replace(memory, approval=approval_after(record))
        case _:
            assert_never(record)


def _answered(memory: Memory) -> Approval | None:
    """A question is over once nobody waits for its answer."""
    known = memory.approval
    return None if known is None or known.word is None else known


def _work(memory: Memory, record: WorkRecord) -> Memory:
    memory = replace(memory, spending=spending_after(memory, record))
    match record:
        case AgentBegan():
            choice = Choice(agent=record.agent, model=record.model)
            return replace(
                memory,
                is_kept=False,
                is_claimed=False,
                terms=record.terms,
                choice=choice,
                # Whoever worked before does not know what this one does.
                session=memory.session if choice.agent == memory.choice.agent else "",
            )
        case SessionKnown():
            return replace(memory, session=record.session)
        case UsageSeen():
            return memory
        case AgentOver():
            return replace(memory, is_kept=False, is_claimed=False, over=record.outcome)
        case _:
            assert_never(record)


def _place(memory: Memory, record: WorktreeReady | WorktreeGivenUp) -> Memory:
    if isinstance(record, WorktreeGivenUp):
        return replace(memory, slot=0, worktree="")
    memory = replace(memory, worktree=record.worktree, leaves_base=False)
    if record.base == memory.base:
        return memory
    return replace(
        memory,
        base=record.base,
        base_is_red=False,
        earlier=_vain(memory),
        session="",  # what it knows of the files is of another tree
    )


def _note(
    memory: Memory, record: StoryHeld | StoryReleased | ConflictPredicted | ConflictGone
) -> Memory:
    """What holds while nothing is decided by it."""
    if isinstance(record, StoryHeld | StoryReleased):
        return replace(memory, is_held=isinstance(record, StoryHeld))
    others = tuple(each for each in memory.predicted if each.other != record.other)
    if isinstance(record, ConflictPredicted):
        others = (*others, Prediction(other=record.other, places=record.places))
    return replace(memory, predicted=others)


def _keep(memory: Memory, record: WorkKept) -> Memory:
    return replace(
        memory,
        is_kept=True,
        head=record.head,
        is_claimed=record.is_claimed,
        files=record.files,
        added=record.added,
        removed=record.removed,
        more=record.more,
        tampering=record.tampering,
        remarks=record.remarks,
        passed=0 if record.is_claimed else memory.passed,
        limited=0 if record.is_claimed else memory.limited,
        downs=0 if record.is_claimed else memory.downs,
    )


def _lose(memory: Memory, record: AttemptLost) -> Memory:
    # That somebody stopped the tree is no lesson: the next prompt tells of the last real failure.
    is_rerun = record.is_fresh and not record.counts
    keeps_lesson = not (record.counts or is_rerun) and bool(memory.reason)
    memory = _go_on(memory, record)
    return replace(
        memory,
        is_open=False,
        over=None,
        lost=failure_of(record),
        is_claimed=memory.is_claimed and record.keeps_claim,
        losses=memory.losses.plus(record.cause) if record.counts else memory.losses,
        reruns=memory.reruns + is_rerun,
        reason=memory.reason if keeps_lesson else record.reason,
        context=memory.context if keeps_lesson else record.context,
        base="" if record.is_fresh else memory.base,
        base_is_red=record.base_was_red and not record.is_fresh,
        earlier=_vain(memory) if record.is_fresh and memory.is_claimed else memory.earlier,
        collided=_places(record.context) if record.conflict else memory.collided,
    )


def _go_on(memory: Memory, record: AttemptLost) -> Memory:
    """What the next attempt is begun with: who, with which prompt, in which conversation."""
    course, passes = record.course, record.course in {Course.AGAIN, Course.CLOSE}
    return replace(
        memory,
        session="" if record.ends_conversation or record.is_fresh else memory.session,
        barred=(*memory.barred, record.choice) if record.bars else memory.barred,
        is_short=not record.bars and (memory.is_short or course is Course.SHORTEN),
        passed=0 if record.counts or record.bars else memory.passed + passes,
        downs=memory.downs + 1 if _went_down(record) else 0,
        stops=memory.stops + 1 if record.type == FailureType.STOPPED.value else 0,
        wait_s=record.wait_s,
        limited=0 if record.counts else memory.limited + (course is Course.LIMIT),
    )


def _went_down(record: AttemptLost) -> bool:
    return record.type == FailureType.TREE_DOWN.value and not record.counts


def failure_of(record: AttemptLost) -> Failure:
    """The loss as people and programs are told of it."""
    return Failure(
        type=record.type,
        message=record.reason,
        context=record.context,
        recovery_hints=record.hints,
    )


def _vain(memory: Memory) -> str:
    known = memory.base and memory.head and memory.base != memory.head
    return f"{memory.base[:12]}..{memory.head[:12]}" if known else memory.earlier


def _places(context: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(without_lines(each) for each in context.splitlines()))


def _decide(memory: Memory, record: StoryGivenUp | StorySkipped | StoryReset) -> Memory:
    match record:
        case StoryGivenUp():
            return replace(
                memory,
                state=StoryState.FAILED,
                reason=record.reason,
                is_open=False,
                lost=_last_word(memory, record),
            )
        case StorySkipped():
            return replace(
                memory,
                state=StoryState.SKIPPED,
                reason=record.reason,
                is_unwanted=record.by_document,
                lost=Failure(type=record.type, message=record.reason, recovery_hints=record.hints),
            )
        case StoryReset():
            return _reset(memory, record)
        case _:
            assert_never(record)


def _last_word(memory: Memory, record: StoryGivenUp) -> Failure:
    """The last loss in the words of the end; an older journal does not say what to do."""
    last = memory.lost or Failure(type="", message="")
    if record.type:
        return Failure(type=record.type, message=record.reason, recovery_hints=record.hints)
    hints = record.hints or last.recovery_hints
    return replace(last, message=record.reason, recovery_hints=hints)


def _reset(memory: Memory, record: StoryReset) -> Memory:
    """Give a story a new start; one that was done begins where the PRD's branch stands now."""
    again = replace(
        memory,
        state=StoryState.PENDING,
        losses=Tally(),
        reruns=0,
        is_unwanted=False,
        session="",
        barred=(),
        is_short=False,
        passed=0,
        limited=0,
        downs=0,
        wait_s=0.0,
        stops=0,
        lost=None,
        review=NO_REVIEW,
        approval=None,
    )
    if record.superseded:
        again = replace(again, superseded=(*memory.superseded, record.superseded))
    if record.reason:
        again = replace(again, reason=record.reason, context="")
    if memory.state is not StoryState.DONE:
        return replace(again, leaves_base=memory.base_is_red)
    return replace(again, is_claimed=False, base="", commit="", evidence="")
