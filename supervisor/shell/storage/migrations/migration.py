"""What a migration is, and how several of them follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct

Document = dict[str, Any]  # decoded JSON
Change = Callable[[Document], Document]


class Part(Enum):
    """The documents of a state that a later version has to understand."""

    ROOT_RECORD = "a record of root"  # with its frame: kind, body, at
    PRD_RECORD = "a record of a PRD"  # likewise
    PRD_SNAPSHOT = "a PRD's snapshot"
    PLAN = "a plan"


class Migration(Struct, frozen=True, kw_only=True):
    """The way from state `to - 1` to state `to`; parts that are not named stay as they are."""

    to: int
    changes: Mapping[Part, Change]


class MigrationError(Exception):
    """A document is not what its state's number says."""


def change_since(state: int, part: Part, migrations: Sequence[Migration]) -> Change | None:
    """All that happens to such a document of that state; None: nothing."""
    steps = [each.changes[part] for each in migrations if each.to > state and part in each.changes]
    if not steps:
        return None

    def change(document: Document) -> Document:
        for step in steps:
            try:
                document = step(document)
            except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
                raise MigrationError(f"{part.value} is not as expected: {error!r}") from error
        return document

    return change
