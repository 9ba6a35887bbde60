"""Task lists without ids whose `parallel_group` is the number of a batch: ralphy's `tasks.yaml`.

The batches come one after the other, and a task that failed does not keep the next batch from
beginning. Tasks without a group, or in group 0, come first, each of them alone. Where tasks have
ids or dependencies, the group is a label, as everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....policies.values import replace
from ..members.dependencies import DEPENDS
from ..members.draft import Draft, StoryDraft
from ..members.fields import Findings, Record
from ..members.identity import IDS
from .shape import are_stories, drafts_of

_LIST = ("tasks",)
_GROUP = ("parallelGroup",)


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a document of this form; None if it has another one."""
    if not isinstance(document, dict):
        return None
    record = Record(document, where=(), findings=findings)
    tasks = record.find(_LIST)
    if tasks is None or not are_stories(tasks):
        return None
    values = tasks.value if isinstance(tasks.value, list) else []
    quiet = Findings(path="", document=findings.document)
    records = [
        Record(value, where=(), findings=quiet) for value in values if isinstance(value, dict)
    ]
    if not any(_group(each) for each in records) or any(_is_planned(each) for each in records):
        return None
    return (Draft(record=record, stories=tuple(_staged(drafts_of(record, tasks)))),)


def _is_planned(record: Record) -> bool:
    return record.find((*IDS, *DEPENDS)) is not None


def _group(record: Record) -> int:
    """The number of a story's batch; 0 where there is none."""
    member = record.find(_GROUP)
    value = None if member is None else member.value
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _staged(stories: Sequence[StoryDraft]) -> Iterator[StoryDraft]:
    alone = sum(1 for story in stories if not _group(story.record))
    numbers = sorted({_group(story.record) for story in stories})
    stages = {number: alone + at for at, number in enumerate(numbers)}
    before = 0
    for story in stories:
        number = _group(story.record)
        if number:
            yield replace(story, group=str(number), stage=stages[number])
        else:
            yield replace(story, stage=before)
            before += 1
