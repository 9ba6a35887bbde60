"""What a story says of its dependencies: under all their names, as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ..documents.document import JsonPath
from .fields import Member, Record, identifier, items

DEPENDS = (
    *("dependsOn", "dependencies", "dependency", "deps", "dependentOn", "dependsUpon"),
    *("blockedBy", "blockedOn", "waitFor", "waitsFor", "waitOn", "after", "runAfter"),
)
# Stories in some files, and in others what has to be installed: what names no story is prose.
REQUIRES = ("requires", "prerequisites", "prereqs", "needs")
# Stories that have to be over first, done or not; also what the batches of a form mean.
STARTS_AFTER = ("startsAfter",)
# The other way round: these stories depend on this one.
BLOCKS = ("blocks", "blocking")

_IDS = ("id", "storyId", "taskId", "story", "task")
_ALLOWED = "the id of a story, a list of such ids, or an object with 'dependsOn'"


class Mention(Struct, frozen=True, kw_only=True):
    """Another story, or several of them, as a text names them."""

    text: str
    where: JsonPath
    may_be_prose: bool = False


def read_depends(record: Record) -> Iterator[Mention]:
    """Everything that the story says it waits for."""
    for member in record.find_all(DEPENDS):
        inner = record.inner(member)
        if inner is None:
            yield from _mentions(record, member)
            continue
        nested = inner.find_all(DEPENDS)
        for each in nested:
            yield from _mentions(inner, each)
        if not nested and inner.members and not inner.find_all(BLOCKS):
            record.refuse(member, _ALLOWED)
    for member in record.find_all(REQUIRES):
        for item in items(member):
            name = identifier(item.value)
            if name is not None:
                yield Mention(text=name, where=item.where, may_be_prose=True)


def read_starts_after(record: Record) -> Iterator[Mention]:
    """Everything that the story says has to be over before it, done or not."""
    for member in record.find_all(STARTS_AFTER):
        yield from _mentions(record, member)


def read_blocks(record: Record) -> Iterator[Mention]:
    """Everything that the story says waits for it."""
    nested = [record.inner(member) for member in record.find_all(DEPENDS)]
    for each in (record, *nested):
        for member in () if each is None else each.find_all(BLOCKS):
            for item in items(member):
                name = identifier(item.value)
                if name is not None:
                    yield Mention(text=name, where=item.where)


def _mentions(record: Record, member: Member) -> Iterator[Mention]:
    for item in items(member):
        inner = record.inner(item)
        named = item if inner is None else inner.find(_IDS)
        name = None if named is None else identifier(named.value)
        if name is None:
            record.refuse(item, _ALLOWED)
        else:
            yield Mention(text=name, where=item.where)
