"""What stands under one heading or one box: its labels with their values, and its prose."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from ..document import Place
from .blocks import Block, Kind, place
from .labels import key_of, labels

CRITERIA = "acceptanceCriteria"
# Their value is one word or one line; what follows is not part of it.
SHORT_KEYS = frozenset(
    {
        *("id", "prdId", "title", "priority", "status", "agent", "model", "complexity"),
        "noCode",
        *("branchName", "project"),
    }
)
STORY_KEYS = frozenset(
    {
        *("id", "title", "description", CRITERIA, "priority", "status", "dependsOn"),
        *("targetFiles", "agent", "model", "complexity", "verify", "mutex", "noCode"),
    }
)
PRD_KEYS = frozenset({"prdId", "project", "branchName", "verify", "description"})


class Value(Struct, kw_only=True):
    """One value of a label as it is written: the rest of a line, an item of a list, a command.

    `line` and `column` count from 0; `end` is the column behind it on that line.
    """

    parts: list[str]
    line: int
    column: int
    end: int
    is_code: bool = False

    @property
    def text(self) -> str:
        """All of it: the lines of a paragraph, an item with those below it."""
        return "".join(self.parts)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return place(self.line, self.column)


class Section(Struct, kw_only=True):
    """What was read: values by the names of our form, the prose, and whether boxes are ticked."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    prose: str = ""
    boxes: list[str] = field(default_factory=list)

    def all_of(self, key: str) -> list[Value]:
        """The values of a label that say something."""
        return [each for each in self.values.get(key, ()) if any(map(str.strip, each.parts))]

    def first_of(self, key: str) -> Value | None:
        """The first value of a label that says something."""
        return next(iter(self.all_of(key)), None)


def signs(blocks: Iterable[Block]) -> set[str]:
    """What makes blocks look like a story: the labels, boxes, and sentences `As a ...`."""
    found: set[str] = set()
    for block in blocks:
        found.update(keys_in(block, STORY_KEYS))
        if block.box:
            found.add("box")
        if any(_is_users_sentence(text) for text in block.texts):
            found.add("sentence")
    return found


def _is_users_sentence(text: str) -> bool:
    bare = text.lstrip("*_> -").casefold()
    return bare.startswith(("as a ", "as a*", "as an ", "as an*", "as the ", "como ", "como um"))


def keys_in(block: Block, keys: frozenset[str]) -> Iterable[str]:
    """The labels that a block begins with or holds."""
    if block.kind is Kind.HEADING:
        yield key_of(block.first)
    elif block.kind is Kind.TEXT and (block.depth == 0 or block.starts_item):
        for text in block.texts if block.depth == 0 else block.texts[:1]:
            yield from (label.key for label in labels(text) if label.key in keys)
