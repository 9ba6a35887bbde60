"""What a PRD's journal tells of questions to people, and of their answers."""

from __future__ import annotations

from msgspec import Struct

from .....policies.approval import Approval, Point, Word


class ApprovalWanted(Struct, frozen=True, kw_only=True):
    """A person is asked about a story; `work` is what the answer will count for."""

    story_id: str
    attempt: int
    point: Point
    work: str


class Approved(Struct, frozen=True, kw_only=True):
    """A person lets the story go on."""

    story_id: str
    attempt: int
    point: Point
    work: str
    by: str


class Rejected(Struct, frozen=True, kw_only=True):
    """A person refuses the story, or its work; the next attempt is told the reason."""

    story_id: str
    attempt: int
    point: Point
    work: str
    by: str
    reason: str


class PrdApprovalWanted(Struct, frozen=True, kw_only=True):
    """All is done, and a person is asked whether the PRD is complete."""

    work: str


class PrdApproved(Struct, frozen=True, kw_only=True):
    """A person says that it is."""

    work: str
    by: str


class PrdRejected(Struct, frozen=True, kw_only=True):
    """A person says that it is not: the PRD has failed."""

    work: str
    by: str
    reason: str


class PrdAskedAnew(Struct, frozen=True, kw_only=True):
    """The PRD gets a new start: what a person said of it counts no more."""


StoryApproval = ApprovalWanted | Approved | Rejected
PrdApproval = PrdApprovalWanted | PrdApproved | PrdRejected | PrdAskedAnew


def approval_after(record: StoryApproval | PrdApproval) -> Approval | None:
    """What is known after this record."""
    match record:
        case PrdAskedAnew():
            return None
        case PrdApprovalWanted() | PrdApproved() | PrdRejected():
            point = Point.PRD
        case _:
            point = record.point
    approval = Approval(point=point, work=record.work)
    match record:
        case Approved() | PrdApproved():
            return Approval(point=point, work=record.work, word=Word.APPROVED, by=record.by)
        case Rejected() | PrdRejected():
            return Approval(
                point=point,
                work=record.work,
                word=Word.REJECTED,
                by=record.by,
                reason=record.reason,
            )
        case _:
            return approval
