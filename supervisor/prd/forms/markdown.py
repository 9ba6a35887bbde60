"""Markdown: the document found the stories itself, with the phases that they belong to."""

from __future__ import annotations

from ..documents.document import PHASE, STORIES, StoryText
from ..members.draft import Draft, StoryDraft
from ..members.fields import Findings, Record


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a Markdown text; none if it has no stories, None if it is another language."""
    source = findings.document
    if not isinstance(source, StoryText) or not isinstance(document, dict):
        return None
    listed = document.get(STORIES)
    if not isinstance(listed, list):
        return ()
    stories = tuple(
        _story(members, at, findings)
        for at, members in enumerate(listed)
        if isinstance(members, dict)
    )
    record = Record(document, where=(), findings=findings)
    return (Draft(record=record, stories=stories, is_plain_list=source.is_plain_list),)


def _story(members: dict[str, object], at: int, findings: Findings) -> StoryDraft:
    group, phase = members.get("group"), members.get(PHASE)
    said = {name: value for name, value in members.items() if name != PHASE}
    return StoryDraft(
        record=Record(said, where=(STORIES, at), findings=findings),
        group=group if isinstance(group, str) else "",
        stage=phase if isinstance(phase, int) else None,
        stage_binds=True,  # a phase begins when the one before is done
    )
