"""How the status document is made of a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ....policies.budget import Spent
from ....workers.messages.prd import StoryView
from ...core.prd.view import HELD_NOTE
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

KeptBack = Mapping[tuple[str, str], str]  # PRD and story, and what it waits for
NOBODY: KeptBack = MappingProxyType({})
USD_DIGITS = 6


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
        awaits=row.awaits or None,
        note=_note(row, is_held=is_held),
        stories=_stories(board, prd_id, usage_of, kept_back),
    )


def _note(row: Row, *, is_held: bool) -> str:
    note = row.note or (HELD_NOTE if is_held else "")
    if not note and row.replaced_by:
        return f"its file holds {row.replaced_by} now"
    return note


def _stories(
    board: Board, prd_id: str, usage_of: UsageOf, kept_back: KeptBack
) -> tuple[StoryStatus, ...]:
    """The stories of a PRD, with what root knows of them, whoever has heard of it."""
    return tuple(
        _story(
            view,
            board.rows[prd_id].moments.get(name, UNKNOWN),
            reason=kept_back.get((prd_id, name), view.reason),
            is_held=(prd_id, name) in board.holds,
            usage=usage_of(prd_id, name),
        )
        for name, view in board.rows[prd_id].stories.items()
    )


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
