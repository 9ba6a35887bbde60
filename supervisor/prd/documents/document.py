"""What every parsed document offers, whatever language it is written in."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable

from msgspec import Struct

# From the whole document to one value in it: names of members and positions in lists.
JsonPath = tuple[str | int, ...]

# Where a text of prose shows its stories, and the member that says to which phase one belongs.
STORIES = "userStories"
PHASE = "executionPhase"


class UnreadableError(Exception):
    """A text that cannot be read; `line` is 0 where there is no place to show.

    `excerpt` is the line itself with a caret under the place, where that helps.
    """

    def __init__(self, message: str, *, line: int = 0, column: int = 0, excerpt: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.excerpt = excerpt


class WrittenFloat(float):
    """A float that remembers how it was written: the id 1.10 is not the id 1.1."""

    __slots__ = ("written",)

    written: str

    def __new__(cls, written: str) -> Self:
        """Read the number from its text."""
        made = super().__new__(cls, written)
        made.written = written
        return made

    def __str__(self) -> str:
        return self.written


class Place(Struct, frozen=True, kw_only=True):
    """Where something stands; lines and columns count from 1, columns in characters."""

    line: int
    column: int


class Remark(Struct, frozen=True, kw_only=True):
    """Something about a readable text that its author should hear of; `is_error`: has to mend."""

    place: Place
    message: str
    excerpt: str = ""
    is_error: bool = False


class Edit(Struct, frozen=True, kw_only=True):
    """The characters `start` to `end` (exclusive) of a text become `text`."""

    start: int
    end: int
    text: str

    def apply(self, text: str) -> str:
        """The text after this edit."""
        return text[: self.start] + self.text + text[self.end :]


class Document(Protocol):
    """A text and the value that it stands for, in the types of JSON.

    A language without objects, such as Markdown, shows what it means in the same types: its stories
    are objects in a list, with our documented names.
    """

    @property
    def text(self) -> str:
        """The whole text, without a byte order mark, newlines as they are."""
        ...

    @property
    def value(self) -> object:
        """What it says."""
        ...

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is odd about the text itself, such as a name that stands in an object twice."""
        ...

    def place(self, where: JsonPath) -> Place:
        """The place of the value at `where`; of its nearest parent if it is not there."""
        ...

    def put(self, where: JsonPath, *, value: bool | str) -> Edit | None:
        """The smallest edit after which the value at `where` is this one.

        The value there is replaced; where there is none, its parent gets a new member in its own
        layout. None where the language has no way to say so.
        """
        ...


@runtime_checkable
class StoryText(Document, Protocol):
    """A text of prose, as in Markdown: the document itself found the stories in it."""

    @property
    def is_plain_list(self) -> bool:
        """Say whether its stories are boxes alone: somebody's notes as well as a PRD."""
        ...
