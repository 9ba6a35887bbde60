"""What root and PRD supervisors say to each other of a person's word."""

from __future__ import annotations

from msgspec import Struct

from ...policies.approval import Approval


class Answer(Struct, frozen=True, kw_only=True):
    """A person has answered a question about a story, or about the whole PRD."""

    approval: Approval
    story_id: str = ""


class AnswerTaken(Struct, frozen=True, kw_only=True):
    """The answer stands in the PRD's journal, or is to a question that is there no more."""

    story_id: str
    work: str
