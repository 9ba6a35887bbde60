"""Phases with stories in them: `phases[].tasks[]`, `stages[].steps[]` and their like.

Phases come one after the other. Where a phase names those that it depends on, these alone count.
A phase waits until the ones before it are done, unless its stories have dependencies of their own:
then these say what has to be done, and the phases only give the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct

from ....policies.values import replace
from ..defect import quoted
from ..members.dependencies import read_depends
from ..members.draft import Draft, StoryDraft
from ..members.fields import Findings, Member, Record, identifier, items
from ..members.references import Called, References
from .shape import MAYBE_LISTS, SURE_LISTS, are_stories, drafts_of

ORDERED = ("phases", "stages", "milestones", "waves", "sprints")
LABELS = ("epics", "groups", "sections")  # these have no order

_LISTS = (*SURE_LISTS, *MAYBE_LISTS, "steps")
_NAMES = ("name", "title", "id")


class _Phase(Struct, frozen=True, kw_only=True):
    record: Record
    label: str
    stories: tuple[StoryDraft, ...]


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a document of this form; None if it has another one."""
    if not isinstance(document, dict):
        return None
    record = Record(document, where=(), findings=findings)
    for member in record.find_all((*ORDERED, *LABELS)):
        lists = [_list_of(phase) for phase in _phases(record, member)]
        if any(each is not None and are_stories(each) for each in lists):
            is_ordered = bool(record.find_all(ORDERED)) and member in record.find_all(ORDERED)
            phases = [_read(phase) for phase in _phases(record, member)]
            stories = _ordered(phases) if is_ordered else _labelled(phases)
            return (Draft(record=record, stories=tuple(stories)),)
    return None


def _phases(record: Record, member: Member) -> Iterator[Record]:
    if isinstance(member.value, list):
        yield from filter(None, (record.inner(item) for item in items(member)))


def _list_of(phase: Record) -> Member | None:
    lists = (each for each in phase.find_all(_LISTS) if isinstance(each.value, list))
    return next(lists, None)


def _read(phase: Record) -> _Phase:
    member = phase.find(_NAMES)
    label = None if member is None else identifier(member.value)
    tasks = _list_of(phase)
    stories = () if tasks is None else drafts_of(phase, tasks)
    return _Phase(record=phase, label=label or "", stories=stories)


def _labelled(phases: Sequence[_Phase]) -> Iterator[StoryDraft]:
    for phase in phases:
        for story in phase.stories:
            yield replace(story, group=phase.label)


def _ordered(phases: Sequence[_Phase]) -> Iterator[StoryDraft]:
    stages = _stages(phases)
    binds = not any(True for phase in phases for story in phase.stories if _waits(story))
    for phase, stage in zip(phases, stages, strict=True):
        for story in phase.stories:
            yield replace(story, group=phase.label, stage=stage, stage_binds=binds)


def _waits(story: StoryDraft) -> bool:
    quiet = Findings(path="", document=story.record.findings.document)
    record = Record(story.record.members, where=story.record.where, findings=quiet)
    return any(True for _ in read_depends(record))


def _stages(phases: Sequence[_Phase]) -> list[int]:
    """The stage of each phase: its position, or its depth where phases have dependencies."""
    waits = [list(read_depends(phase.record)) for phase in phases]
    if not any(waits):
        return list(range(len(phases)))
    names = References(
        [Called(story_id=str(at), aliases=tuple(_called(phase))) for at, phase in enumerate(phases)]
    )
    needs: dict[int, list[int]] = {}
    for at, mentions in enumerate(waits):
        needs[at] = []
        for mention in mentions:
            for name in names.split(mention.text):
                found = names.find(name)
                if found is not None and int(found) != at:
                    needs[at].append(int(found))
                    continue
                message = f"{quoted(name)} is no other phase of this PRD; name one by its id"
                phases[at].record.findings.add(mention.where, message)
    return _depths(needs, phases)


def _called(phase: _Phase) -> Iterator[str]:
    for member in phase.record.find_all(_NAMES):
        name = identifier(member.value)
        if name:
            yield name


def _depths(needs: Mapping[int, Sequence[int]], phases: Sequence[_Phase]) -> list[int]:
    depths: dict[int, int] = {}
    try:
        for at in TopologicalSorter(needs).static_order():
            depths[at] = 1 + max((depths[need] for need in needs[at]), default=-1)
    except CycleError as error:
        ring = " -> ".join(quoted(phases[at].label) for at in reversed(error.args[1]))
        record = phases[error.args[1][0]].record
        message = f"the phases wait for each other: {ring}; remove one of these dependencies"
        record.findings.add(record.where, message)
        return list(range(len(phases)))
    return [depths[at] for at in range(len(phases))]
