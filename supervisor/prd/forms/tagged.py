"""task-master's tagged form: an object of tags, and each tag has a list of tasks: one PRD each."""

from __future__ import annotations

from ..defect import Severity, quoted
from ..members.draft import Draft
from ..members.fields import Findings, Member, Record
from .shape import are_stories, drafts_of

_TASKS = ("tasks",)


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRDs of a document of this form; None if it has another one."""
    if not isinstance(document, dict):
        return None
    whole = Record(document, where=(), findings=findings)
    tags = [
        (name, tag, tasks)
        for name in document
        for member in (Member(key=name, value=document[name], where=(name,)),)
        for tag in (whole.inner(member),)
        if tag is not None
        for tasks in (tag.find(_TASKS),)
        if tasks is not None and isinstance(tasks.value, list)
    ]
    if not any(are_stories(tasks) for _, _, tasks in tags):
        return None
    found = []
    for name, tag, tasks in tags:
        if tasks.value:
            found.append(Draft(record=tag, stories=drafts_of(tag, tasks), part=name))
            continue
        message = f"the tag {quoted(name)} has no tasks; it is passed over"
        findings.add(tasks.where, message, severity=Severity.WARNING)
    return tuple(found)
