"""Phases that are stories themselves: `phase_plan.yaml`.

Their dependencies say which ones wait. Where no phase has a word of dependencies, they come one
after the other, those of one `parallel_group` side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....policies.values import replace
from ..members.dependencies import DEPENDS
from ..members.draft import Draft, StoryDraft
from ..members.fields import Findings, Record, folded
from .shape import are_stories, drafts_of

_LIST = ("phases",)
_GROUP = ("parallelGroup",)


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a document of this form; None if it has another one."""
    if not isinstance(document, dict):
        return None
    record = Record(document, where=(), findings=findings)
    phases = record.find(_LIST)
    if phases is None or not are_stories(phases):
        return None
    stories = drafts_of(record, phases)
    return (Draft(record=record, stories=tuple(_staged(stories))),)


def _staged(stories: Sequence[StoryDraft]) -> Iterator[StoryDraft]:
    if any(_speaks_of_dependencies(story.record) for story in stories):
        yield from stories
        return
    stages: dict[object, int] = {}
    for at, story in enumerate(stories):
        member = story.record.find(_GROUP)
        key = ("alone", at) if member is None else ("group", str(member.value))
        yield replace(story, stage=stages.setdefault(key, len(stages)), stage_binds=True)


def _speaks_of_dependencies(record: Record) -> bool:
    names = {folded(name) for name in DEPENDS}
    return any(folded(key) in names for key in record.members)
