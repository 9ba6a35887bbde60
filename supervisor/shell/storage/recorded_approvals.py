"""Records of questions to people, and of their answers, as events."""

from __future__ import annotations

from ...core.prd.approvals.records import (
    ApprovalWanted,
    Approved,
    PrdApproval,
    PrdApprovalWanted,
    PrdApproved,
    PrdAskedAnew,
    StoryApproval,
)
from ...core.root.records import AnswerRecord, PersonAnswered


def approval_words(record: StoryApproval | PrdApproval) -> tuple[str, str]:
    """The name of the event, and a line for people."""
    match record:
        case ApprovalWanted():
            return "approval_wanted", f"it waits for approval: {record.point.value}"
        case PrdApprovalWanted():
            return "approval_wanted", "all is done, and waits for approval"
        case Approved() | PrdApproved():
            return "approved", f"by {record.by}"
        case PrdAskedAnew():
            return "asked_anew", "a person is asked again whether it is complete"
        case _:
            return "rejected", f"by {record.by}: {record.reason}"


def answer_words(record: AnswerRecord) -> tuple[str, str, str]:
    """The same of what root keeps until the PRD has it, and the story that it is about."""
    if not isinstance(record, PersonAnswered):
        return "answer_taken", "its supervisor has the answer", record.story_id
    said = record.answer.approval
    word = said.word.value if said.word is not None else "asked"
    text = f"{word} by {said.by}" + (f": {said.reason}" if said.reason else "")
    return "answered", text, record.answer.story_id
