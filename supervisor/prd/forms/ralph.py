"""The Ralph family: an object with a list of stories, or a list of stories alone."""

from __future__ import annotations

from ..members.draft import Draft
from ..members.fields import Findings, Member, Record
from .shape import are_stories, drafts_of, story_list

# Some files wrap the whole PRD once more.
_WRAPPERS = ("prd", "plan")


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a document of this form; None if it has another one."""
    if isinstance(document, list):
        whole = Member(key="the document", value=document, where=())
        if not are_stories(whole):
            return None
        record = Record({}, where=(), findings=findings)
        return (Draft(record=record, stories=drafts_of(record, whole)),)
    if not isinstance(document, dict):
        return None
    record = Record(document, where=(), findings=findings)
    inner = (record.inner(member) for member in record.find_all(_WRAPPERS))
    for each in (record, *filter(None, inner)):
        found = story_list(each)
        if found is not None:
            if not found.value:
                findings.add(found.where, f"{found.key} is empty; write at least one story")
            return (Draft(record=each, stories=drafts_of(each, found)),)
    return None
