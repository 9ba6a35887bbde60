"""Typed looks into an object that a person wrote; what does not fit becomes a defect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct, field

from ..defect import Defect, Severity, quoted
from ..documents.document import Document, JsonPath, WrittenFloat
from ..names import clean_text

_SIGNS = str.maketrans("", "", "_- .")


class Findings(Struct, frozen=True, kw_only=True):
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


class Member(Struct, frozen=True, kw_only=True):
    """A value, and the name that it has in its object."""

    key: str
    value: object
    where: JsonPath


class Record:
    """One object of the document, and where it stands.

    Its members are found by what their names say: `depends_on` and `Depends On` are `dependsOn`.
    """

    __slots__ = ("_keys", "findings", "members", "where")

    def __init__(
        self, members: Mapping[str, object], *, where: JsonPath, findings: Findings
    ) -> None:
        self.members = members
        self.where = where
        self.findings = findings
        self._keys = keys_by_name(members)

    def find(self, names: tuple[str, ...]) -> Member | None:
        """The first of these members that is there and not null."""
        return next(iter(self.find_all(names)), None)

    def find_all(self, names: tuple[str, ...]) -> tuple[Member, ...]:
        """All of these members that are there and not null, each of them once."""
        keys: dict[str, None] = {}
        for name in _all_folded(names):
            for key in self._keys.get(name, ()):
                keys[key] = None
        return tuple(
            Member(key=key, value=self.members[key], where=(*self.where, key))
            for key in keys
            if self.members[key] is not None
        )

    def inner(self, member: Member) -> Record | None:
        """The object that a member is; None if it is none."""
        if not isinstance(member.value, dict):
            return None
        return Record(member.value, where=member.where, findings=self.findings)

    def text(self, names: tuple[str, ...]) -> str:
        """A text; empty if it is absent or has another type."""
        member = self.find(names)
        if member is None:
            return ""
        if isinstance(member.value, str):
            return clean_text(member.value).strip()
        self.refuse(member, "a text")
        return ""

    def prose(self, names: tuple[str, ...]) -> str:
        """A text for the reader, given as one or as a list of lines; nothing else is told of."""
        for member in self.find_all(names):
            match member.value:
                case str() as text:
                    said = clean_text(text).strip()
                case list() as lines:
                    texts = [clean_text(line).strip() for line in lines if isinstance(line, str)]
                    said = "\n".join(f"- {text}" for text in texts if text)
                case _:
                    said = ""
            if said:
                return said
        return ""

    def word(self, names: tuple[str, ...]) -> str:
        """The first of these members that is a text; empty if none is."""
        texts = (member.value for member in self.find_all(names) if isinstance(member.value, str))
        return clean_text(next(texts, "")).strip()

    def flag(self, names: tuple[str, ...]) -> bool | None:
        """True or false; None if it is absent or has another type."""
        member = self.find(names)
        if member is None or isinstance(member.value, bool):
            return None if member is None else member.value is True
        self.refuse(member, "true or false")
        return None

    def refuse(self, member: Member, allowed: str) -> None:
        """Note that a member has not the type that it must have."""
        self.findings.add(
            member.where, f"{member.key} is {quoted(member.value)}; {allowed} is allowed"
        )

    def warn(self, member: Member, consequence: str) -> None:
        """Note that a member is not understood, and what follows from that."""
        self.findings.add(
            member.where,
            f"{member.key} is {quoted(member.value)}; {consequence}",
            severity=Severity.WARNING,
        )


def folded(name: str) -> str:
    """A member's name without case and signs between its words."""
    return name.casefold().translate(_SIGNS)


@lru_cache(maxsize=256)
def _all_folded(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(folded, names))


def keys_by_name(members: Mapping[str, object]) -> Mapping[str, list[str]]:
    """The names of members as they are written, by their folded ones."""
    keys: dict[str, list[str]] = {}
    for key in members:
        keys.setdefault(folded(key), []).append(key)
    return keys


def items(member: Member) -> tuple[Member, ...]:
    """The values of a list, each with its place; a single value stands for a list of one."""
    if not isinstance(member.value, list):
        return (member,)
    return tuple(
        Member(key=member.key, value=value, where=(*member.where, at))
        for at, value in enumerate(member.value)
    )


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
