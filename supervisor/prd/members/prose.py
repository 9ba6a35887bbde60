"""What an agent is told of a story beside its criteria: description, details, subtasks."""

from __future__ import annotations

from collections.abc import Iterator

from ..names import clean_text, clean_title
from .fields import Findings, Record, identifier, items
from .identity import IDS, title_of
from .progress import read_progress
from .scope import read_files

DESCRIPTION = ("description", "userStory", "goal", "objective", "summary")
# Further texts, each under its own heading.
SECTIONS = {
    "Details": ("details", "implementationDetails", "implementation", "technicalDetails", "spec"),
    "Context": ("context", "background", "rationale"),
    "Constraints": ("constraints", "outOfScope"),
    "To do": ("actionItems", "todo"),
    "Notes": ("technicalNotes", "implementationNotes", "notes", "note", "hints"),
    "Test strategy": ("testStrategy", "testPlan"),
}
SUBTASKS = ("subtasks", "tasks")


def read_text(record: Record, *, steps: tuple[str, ...], gates: tuple[str, ...]) -> str:
    """The description with all that stands beside it; `gates` have to hold and are no commands."""
    parts = [record.prose(DESCRIPTION)]
    for heading, names in SECTIONS.items():
        said = record.prose(names)
        if said and said != parts[0]:
            parts.append(f"{heading}:\n{said}" if any(parts) else said)
    parts += _listed("Steps", steps)
    parts += _listed("To hold at the end", gates)
    parts += _listed("Subtasks, to be done in this story", tuple(_subtasks(record)))
    return "\n\n".join(filter(None, parts))


def read_aliases(record: Record, story_id: str) -> tuple[str, ...]:
    """The names of the story's subtasks, by which others may depend on it: `1.2` of task 1."""
    found: list[str] = []
    for member in record.find_all(SUBTASKS):
        for item in items(member):
            part = record.inner(item)
            named = None if part is None else part.find(IDS)
            name = None if named is None else identifier(named.value)
            if name:
                found += [f"{story_id}.{name}"] + ([name] if "." in name else [])
    return tuple(found)


def _subtasks(record: Record) -> Iterator[str]:
    for member in record.find_all(SUBTASKS):
        for item in items(member):
            part = record.inner(item)
            if part is None:
                text = clean_text(item.value).strip() if isinstance(item.value, str) else ""
            else:
                text = _subtask(part)
            if text:
                yield text


def _subtask(part: Record) -> str:
    # What is amiss with a subtask's status or paths keeps no story from running.
    quiet = Findings(path="", document=part.findings.document)
    part = Record(part.members, where=part.where, findings=quiet)
    progress = read_progress(part)
    box = "[x]" if progress.is_done else "[-]" if progress.is_skipped else "[ ]"
    named = part.find(IDS)
    name = "" if named is None else clean_title(identifier(named.value) or "")
    title = title_of(part)
    lines = [f"{box} {name}: {title}" if name else f"{box} {title}"]
    for said in (part.prose(("description",)), part.prose(("details",)), part.prose(("commands",))):
        if said and said != title:
            lines += [f"  {line}" for line in said.splitlines()]
    files = read_files(part)
    if files:
        lines.append(f"  Files: {', '.join(files)}")
    return "\n".join(lines)


def _listed(heading: str, lines: tuple[str, ...]) -> list[str]:
    return ["\n".join((f"{heading}:", *(f"- {line}" for line in lines)))] if lines else []
