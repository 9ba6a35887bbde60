"""Typed looks into an object that a person wrote; what does not fit becomes a defect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..defect import Defect, Severity, quoted
from ..documents.document import Document, JsonPath, WrittenFloat
from ..names import clean_text

_SIGNS = str.maketrans("", "", "_- .")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The defects of one file, as they are found."""

    path: str
    document: Document
    defects: list[Defect] = field(default_factory=list)

    def add(self, where: JsonPath, message: str, *, severity: Severity = Severity.ERROR) -> None:
        """Note a defect at the value at `where`."""
        place = self.document.place(where)
        self.defects.append(
            Defect(
                path=self.path,
                line=place.line,
                column=place.column,
                message=message,
                severity=severity,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A value under the first of its names that is there."""

    key: str
    value: object
    where: JsonPath


class Record:
    """One object of the document, and where it stands."""

    __slots__ = ("findings", "members", "where")

    def __init__(
        self, members: Mapping[str, object], *, where: JsonPath, findings: Findings
    ) -> None:
        self.members = members
        self.where = where
        self.findings = findings

    def find(self, names: tuple[str, ...]) -> Member | None:
        """The first of these members that is there and not null."""
        return next(iter(self.find_all(names)), None)

    def find_all(self, names: tuple[str, ...]) -> tuple[Member, ...]:
        """All of these members that are there and not null."""
        return tuple(
            Member(key=name, value=self.members[name], where=(*self.where, name))
            for name in names
            if self.members.get(name) is not None
        )

    def text(self, names: tuple[str, ...]) -> str:
        """A text; empty if it is absent or has another type."""
        member = self.find(names)
        if member is None:
            return ""
        if isinstance(member.value, str):
            return clean_text(member.value).strip()
        self.refuse(member, "a text")
        return ""

    def flag(self, names: tuple[str, ...]) -> bool | None:
        """True or false; None if it is absent or has another type."""
        member = self.find(names)
        if member is None or isinstance(member.value, bool):
            return None if member is None else member.value is True
        self.refuse(member, "true or false")
        return None

    def commands(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """Shell commands, given as a text or a list of texts; None if there is no word of them."""
        member = self.find(names)
        if member is None:
            return None
        if isinstance(member.value, str):
            return self._command(member.value, member) or None
        if not isinstance(member.value, list):
            self.refuse(member, "a command or a list of commands")
            return None
        found: list[str] = []
        for at, value in enumerate(member.value):
            item = Member(key=member.key, value=value, where=(*member.where, at))
            if isinstance(value, str):
                found.extend(self._command(value, item))
            else:
                self.refuse(item, "a command as text")
        return tuple(found)

    def refuse(self, member: Member, allowed: str) -> None:
        """Note that a member has not the type that it must have."""
        self.findings.add(
            member.where, f"{member.key} is {quoted(member.value)}; {allowed} is allowed"
        )

    def _command(self, command: str, member: Member) -> tuple[str, ...]:
        if "\0" in command or clean_text(command) != command:
            self.refuse(member, "a command that a shell can be given")
        return (command,) if command.strip() else ()


def identifier(value: object) -> str | None:
    """An id as text, from a text or a number; None for everything else."""
    match value:
        case bool():
            return None
        case str():
            return value
        case int() | WrittenFloat():
            return str(value)
        case _:
            return None


def folded(name: str) -> str:
    """A member's name without case and signs between its words."""
    return name.casefold().translate(_SIGNS)
