"""How the status document is made of a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ....policies.approval import Approval
from ....policies.costs.budget import Spent
from ....policies.values import replace
from ....workers.messages.prd import Standing, StoryView
from ...core.prd.view import HELD_NOTE
from ...core.root.records import PrdState
from ...core.root.state import answer_to
from ..board import Board, Row
from ..ceilings.usage import Usage, UsageOf, usage_unknown
from ..moments import UNKNOWN, Moments
from .document import (
    AgentStatus,
    PrdStatus,
    Progress,
    RootStatus,
    SpentStatus,
    StatusDocument,
    StoryStatus,
    UsageStatus,
)
from .states import LOST

KeptBack = Mapping[tuple[str, str], str]  # PRD and story, and what it waits for
NOBODY: KeptBack = MappingProxyType({})
USD_DIGITS = 6
ANSWERED = "waiting"  # the state of a story whose answer, or retry, is on its way
_RETRIED = LOST - {"skipped"}  # what was skipped may have been for a reason that stays
_RETRY_DUE = "goes again when its PRD's turn comes"


def status_of(
    board: Board,
    root: RootStatus,
    now: float,
    *,
    usage_of: UsageOf = usage_unknown,
    kept_back: KeptBack = NOBODY,
    agents: Sequence[AgentStatus] = (),
) -> StatusDocument:
    """Everything; `kept_back` is what stories wait for as root knows."""
    return StatusDocument(
        at=now,
        root=root,
        agents=tuple(agents),
        prds=tuple(
            prd_status(board, prd_id, now, usage_of=usage_of, kept_back=kept_back)
            for prd_id in board.rows
        ),
    )


def prd_status(
    board: Board,
    prd_id: str,
    now: float,
    *,
    usage_of: UsageOf = usage_unknown,
    kept_back: KeptBack = NOBODY,
) -> PrdStatus:
    """One PRD with its stories."""
    row = board.rows[prd_id]
    is_held = (prd_id, "") in board.holds
    progress = row.progress()
    answer = answer_to(board.answers, prd_id, "", row.approval)
    return PrdStatus(
        id=row.accepted.prd_id,
        title=row.accepted.title,
        path=row.accepted.path,
        part=row.accepted.part or None,
        replaced_by=row.replaced_by or None,
        branch=row.branch,
        base=row.base or row.accepted.base,
        landed=row.landed or None,
        state=board.state_of(prd_id),
        since=row.since or None,
        reasons=row.reasons,
        pid=row.pid,
        max_workers=row.max_workers,
        auto_workers=row.is_auto and row.max_workers is not None,
        progress=Progress(completed=progress["completed"], total=progress["total"]),
        spent=spent_status(row.spent),
        budget_used=row.budget_used or None,
        started_at=row.started_at or None,
        ended_at=row.ended_at or None,
        runtime_s=round(row.runtime_s(now), 1),
        held=is_held,
        awaits=row.awaits if row.awaits and answer is None else None,
        note=_note(row, is_held=is_held) if answer is None else _answered(answer, row),
        stories=_stories(board, prd_id, usage_of, kept_back),
    )


def _note(row: Row, *, is_held: bool) -> str:
    note = row.damage or row.note or (HELD_NOTE if is_held else "")
    if not note and row.replaced_by:
        return f"its file holds {row.replaced_by} now"
    return note


def _stories(
    board: Board, prd_id: str, usage_of: UsageOf, kept_back: KeptBack
) -> tuple[StoryStatus, ...]:
    """The stories of a PRD, with what root knows of them, whoever has heard of it."""
    row = board.rows[prd_id]
    views = [_with_answer(board, row, _with_retry(row, view)) for view in row.stories.values()]
    return tuple(
        _story(
            view,
            row.moments.get(view.story_id, UNKNOWN),
            reason=kept_back.get((prd_id, view.story_id), _reason_of(row, view)),
            is_held=(prd_id, view.story_id) in board.holds,
            usage=usage_of(prd_id, view.story_id),
        )
        for view in views
    )


def _with_retry(row: Row, view: StoryView) -> StoryView:
    """A story that has failed, and goes again once its PRD has a supervisor that hears of it."""
    accepted = row.accepted
    is_due = accepted.retry or view.story_id in accepted.retry_stories
    if not is_due or row.state is not PrdState.QUEUED or view.state not in _RETRIED:
        return view
    return replace(view, state=ANSWERED, reason=_RETRY_DUE, failure=None)


def _with_answer(board: Board, row: Row, view: StoryView) -> StoryView:
    """A story that its PRD's supervisor sees waiting, and that somebody has answered for."""
    answer = answer_to(board.answers, row.accepted.prd_id, view.story_id, view.approval)
    if answer is None or not view.awaits:
        return view
    return replace(view, state=ANSWERED, awaits="", reason=_answered(answer, row))


def _reason_of(row: Row, view: StoryView) -> str:
    """Its own, unless its PRD has failed for want of what it needs: no journal of it tells that."""
    if row.state is PrdState.FAILED and view.standing is Standing.OPEN:
        named = f"{view.story_id}: "
        told = (each.removeprefix(named) for each in row.reasons if each.startswith(named))
        return next(told, view.reason)
    return view.reason


def _answered(answer: Approval, row: Row) -> str:
    word = "" if answer.word is None else answer.word.value
    why = f": {answer.reason}" if answer.reason else ""
    is_at_work = row.state in {PrdState.ACTIVE, PrdState.QUEUED} and not row.is_interrupted
    then = "" if is_at_work else f"; `prd-supervise resume {row.accepted.prd_id}` goes by that"
    return f"{word} by {answer.by}{why}{then}"


def _story(
    view: StoryView, moments: Moments, *, reason: str, is_held: bool, usage: Usage | None
) -> StoryStatus:
    return StoryStatus(
        id=view.story_id,
        title=view.title,
        state=view.state,
        attempt=view.attempt,
        since=moments.since or None,
        attempt_since=moments.attempt_since or None,
        reason=reason or None,
        evidence=view.evidence or None,
        worktree=view.worktree or None,
        losses=view.losses,
        conflicts=view.conflicts,
        spent=spent_status(view.spent),
        budget_used=view.budget_used or None,
        agent=view.agent or None,
        model=view.model or None,
        failure=view.failure,
        held=is_held,
        awaits=view.awaits or None,
        usage=None if usage is None else usage_status(usage),
    )


def spent_status(spent: Spent) -> SpentStatus:
    """What was spent, as it is told."""
    usd = round(spent.usd, USD_DIGITS)
    return SpentStatus(usd=usd, tokens=spent.tokens, unpriced_tokens=spent.unpriced)


def usage_status(usage: Usage) -> UsageStatus:
    """What a story uses, as it is told."""
    return UsageStatus(
        memory_bytes=usage.memory_bytes,
        cpu_percent=usage.cpu_percent,
        processes=usage.processes,
        cpu_share=usage.share,
    )
