"""One story of a Markdown text, in the names of our own form, and where its parts stand."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct, field

from ..document import JsonPath, Place, Remark
from .labels import folded, leading, plain
from .references import Names
from .section import CRITERIA, Section, Value

_CODE = re.compile(r"(`{1,3})([^`\n]{1,500})\1")
_SPLIT = re.compile(r"[,;]\s*|\s{2,}|\s(?:and|e|y)\s")
_NO = {"", "no", "none", "false", "n a", "nao", "-"}
_STATUSES = {
    "concluido": "done", "concluida": "done", "feito": "done", "feita": "done", "pronto": "done",
    "finalizado": "done", "finalizada": "done", "hecho": "done", "hecha": "done",
    "completado": "done", "completada": "done", "terminado": "done", "terminada": "done",
    "completo": "done", "completa": "done",
    "pendente": "todo", "pendiente": "todo", "a fazer": "todo", "por hacer": "todo",
    "em andamento": "in-progress", "em progresso": "in-progress", "en progreso": "in-progress",
    "en curso": "in-progress",
    "cancelado": "cancelled", "cancelada": "cancelled", "adiado": "deferred", "adiada": "deferred",
    "aplazado": "deferred", "aplazada": "deferred",
}  # fmt: skip
# What an undone status of another language becomes when its story is done.
_DONE_WORDS = {
    "pendente": "concluído", "a fazer": "concluído", "em andamento": "concluído",
    "em progresso": "concluído", "pendiente": "hecho", "por hacer": "hecho",
    "en progreso": "hecho", "en curso": "hecho",
}  # fmt: skip


class Mark(Struct, frozen=True, kw_only=True):
    """Where a story is marked as done: the characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str


class Story(Struct, kw_only=True):
    """One story: its members, the places of them, what marks it, and what is unclear in it."""

    place: Place
    members: dict[str, object] = field(default_factory=dict)
    places: dict[JsonPath, Place] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    section: Section = field(default_factory=Section)

    @property
    def story_id(self) -> str:
        """Its id; empty if the text gives it none."""
        found = self.members.get("id")
        return found if isinstance(found, str) else ""

    def put(self, key: str, value: object, place: Place, *items: Place) -> None:
        """Say something of it that stands at a place, the items of a list at theirs."""
        self.members[key] = value
        self.places[(key,)] = place
        self.places.update({(key, at): item for at, item in enumerate(items)})


def fill(story: Story, offset: Callable[[int, int], int]) -> None:
    """Give a story the members that its section speaks of, all but its dependencies."""
    section = story.section
    if section.prose:
        story.put("description", section.prose, story.place)
    criteria = section.all_of(CRITERIA)
    if criteria:
        places = [each.place for each in criteria]
        story.put(CRITERIA, [each.text for each in criteria], places[0], *places)
    for key in ("priority", "agent", "model", "complexity"):
        value = section.first_of(key)
        if value is not None and leading(value.text):
            story.put(key, leading(value.text), value.place)
    for key, found in (
        ("targetFiles", files(section.all_of("targetFiles"))),
        ("verify", commands(section.all_of("verify"))),
        ("mutex", _words(section.all_of("mutex"))),
    ):
        if found:
            places = [place for _, place in found]
            story.put(key, [text for text, _ in found], places[0], *places)
    if "noCode" in section.values:
        no_code = section.first_of("noCode")
        is_meant = no_code is None or folded(no_code.text) not in _NO
        story.put("noCode", is_meant, story.place if no_code is None else no_code.place)
    _status(story, offset)
    _complain(story)


def depend(story: Story, names: Names) -> None:
    """Give a story the dependencies that its own section names."""
    found: dict[str, Place] = {}
    for value in story.section.all_of("dependsOn"):
        references = names.references(value.text)
        for name in references.names:
            found.setdefault(name, value.place)
        for part in references.unclear:
            message = f"{part[:60]!r} names no story; name one by its id, or write none"
            story.remarks.append(Remark(place=value.place, message=message))
    if found:
        add_dependencies(story, found)


def add_dependencies(story: Story, added: dict[str, Place]) -> None:
    """Let a story depend on these, named at these places, too."""
    known = story.members.get("dependsOn")
    names = list(known) if isinstance(known, list) else []
    for name, place in added.items():
        if name not in names:
            story.places.setdefault(("dependsOn",), place)
            story.places[("dependsOn", len(names))] = place
            names.append(name)
    story.members["dependsOn"] = names


def commands(values: list[Value]) -> list[tuple[str, Place]]:
    """The commands among some values: what is written as code."""
    found: list[tuple[str, Place]] = []
    for value in values:
        if value.is_code:
            found.append((value.text, value.place))
            continue
        spans = list(_CODE.finditer(value.text))
        # `make test` passes: the first one is the command, the others speak of it.
        first = [span for span in spans[:1] if not plain(value.text[: span.start()])]
        found.extend((span.group(2).strip(), value.place) for span in first or spans[:1])
    return [(text, place) for text, place in found if text]


def files(values: list[Value]) -> list[tuple[str, Place]]:
    """The paths among some values: what is written as code, else what can be a path."""
    found: list[tuple[str, Place]] = []
    for value in values:
        spans = [span.group(2).strip() for span in _CODE.finditer(value.text)]
        words = spans or _SPLIT.split(value.text)
        for word in words:
            bare = word.split(" (", 1)[0].strip() if spans else plain_path(word)
            if bare and " " not in bare and folded(bare) not in _NO:
                found.append((bare, value.place))
    return found


def plain_path(word: str) -> str:
    """A path that is not written as code, without the remark behind it."""
    return re.split(r"\s[-\u2013\u2014(]|\s\(", word.strip(), maxsplit=1)[0].strip("\"'.,")


def _words(values: list[Value]) -> list[tuple[str, Place]]:
    return [
        (plain(word), value.place)
        for value in values
        for word in value.text.split(",")
        if folded(word) not in _NO
    ]


def _status(story: Story, offset: Callable[[int, int], int]) -> None:
    value = story.section.first_of("status")
    if value is None or not leading(value.text):
        return
    word = leading(value.text)
    story.put("status", _STATUSES.get(folded(word), word), value.place)
    done = _DONE_WORDS.get(folded(word), "done")
    if word.isupper():
        done = done.upper()
    elif word[:1].isupper():
        done = done.capitalize()
    start = offset(value.line, value.column)
    story.marks["status"] = Mark(start=start, end=start + value.end - value.column, text=done)


def _complain(story: Story) -> None:
    values = story.section.all_of("verify")
    if values and "verify" not in story.members:
        message = "no command is written here as code; put it between backticks"
        story.remarks.append(Remark(place=values[0].place, message=message))
