"""Stories that a record of earlier work has as done: read, and found again in PRDs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from ...policies.values import replace
from .defect import Defect, quoted
from .forms.log import Entry, read_entries
from .members.fields import Findings
from .members.references import Called, References
from .model import Plan
from .read import absolute, parse_file

NOTES_MAX = 20


class RecordedWork(Struct, frozen=True, kw_only=True):
    """A file that says which stories are done."""

    name: str  # as a person knows the file
    entries: tuple[Entry, ...] = ()
    defects: tuple[Defect, ...] = ()


def read_recorded(path: Path) -> RecordedWork:
    """Read a record of earlier work; one without stories is a defect."""
    place = absolute(path)
    document = parse_file(place)
    if isinstance(document, Defect):
        return RecordedWork(name=path.name, defects=(document,))
    findings = Findings(path=str(place), document=document)
    entries = read_entries(document.value, findings)
    if not entries:
        findings.add((), "no stories are recorded here; a list of stories with 'status' is needed")
    return RecordedWork(name=path.name, entries=entries, defects=tuple(findings.defects))


def with_recorded(
    plans: Sequence[Plan], work: RecordedWork
) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """The plans with what is recorded counted as done, and a line for all that was found or not.

    A story is known by its id, else by its number, else by its title. Of several records of one
    story the last one counts.
    """
    index = [_Names(plan) for plan in plans]
    done: dict[tuple[int, str], bool] = {}
    notes: list[str] = []
    for entry in work.entries:
        found = _found(index, entry)
        if len(found) == 1:
            done[found[0]] = entry.is_done
        elif entry.is_done:
            why = "is a story of several PRDs; name the PRD" if found else "is no story here"
            notes.append(f"{work.name}: {quoted(_shown(entry))} {why}; passed over")
    told = [*notes[:NOTES_MAX], *([f"{work.name}: and so on"] if len(notes) > NOTES_MAX else [])]
    ours = {key for key, is_done in done.items() if is_done}
    taken = tuple(_taken(plan, at, ours, work) for at, plan in enumerate(plans))
    for before, after in zip(plans, taken, strict=True):
        count = sum(story.recorded != "" for story in after.stories)
        if before != after:
            told.append(f"{after.prd_id}: {count} stories are recorded as done in {work.name}")
    return taken, tuple(told)


class _Names:
    """The stories of one PRD by id and number, and by title."""

    def __init__(self, plan: Plan) -> None:
        self.by_id = References([Called(story_id=each.story_id) for each in plan.stories])
        self.titles: dict[str, list[str]] = {}
        for story in plan.stories:
            self.titles.setdefault(story.title.casefold(), []).append(story.story_id)

    def titled(self, title: str) -> list[str]:
        return self.titles.get(title.casefold(), [])


def _found(index: Sequence[_Names], entry: Entry) -> list[tuple[int, str]]:
    """The stories that the entry may mean: those of the first way that finds any."""
    for name in filter(None, (entry.story_id, entry.number)):
        found = [
            (at, story_id)
            for at, names in enumerate(index)
            if (story_id := names.by_id.find(name)) is not None
        ]
        # Many PRDs have a US-001: the title says which one is meant.
        same = [each for each in found if each[1] in index[each[0]].titled(entry.title)]
        if entry.story_id and name != entry.story_id:
            found = same  # its id is none of ours: another story may have its number
        if found:
            return same if len(found) > 1 and same else found
    if not entry.title:
        return []
    return [
        (at, story_id) for at, names in enumerate(index) for story_id in names.titled(entry.title)
    ]


def _taken(plan: Plan, at: int, done: Iterable[tuple[int, str]], work: RecordedWork) -> Plan:
    ids = {story_id for place, story_id in done if place == at}
    stories = tuple(
        replace(story, is_done=True, is_skipped=False, recorded=f"recorded as done in {work.name}")
        if story.story_id in ids and not story.is_done
        else story
        for story in plan.stories
    )
    return replace(plan, stories=stories)


def _shown(entry: Entry) -> str:
    return entry.story_id or (f"story {entry.number}" if entry.number else entry.title)
