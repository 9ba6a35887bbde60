"""A Markdown text: the stories in it as objects, and the place of everything they say."""

from __future__ import annotations

from .document import STORIES, Edit, JsonPath, Place, Remark
from .markdown.blocks import Lines, parse_blocks
from .markdown.front import read_front
from .markdown.prd import Prd, read_prd


class MarkdownDocument:
    """A Markdown text and what it says of stories; every text is one, perhaps without any."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises UnreadableError."""
        self._text = text
        lines = Lines(text)
        front = read_front(lines)
        # Blank lines stand for the front matter: Markdown would take it for a heading.
        body = (
            "\n" * front.line + text[lines.offset(front.line) :] if front.line < len(lines) else ""
        )
        self._prd: Prd = read_prd(parse_blocks(body), lines, front)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def value(self) -> object:
        """The PRD in the names of our own form."""
        return self._prd.members

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What may not be what was meant: a line of the order without a story, and the like."""
        return tuple(self._prd.remarks)

    @property
    def is_plain_list(self) -> bool:
        """Say whether its stories are boxes alone: somebody's notes as well as a PRD."""
        return self._prd.is_plain_list

    def place(self, where: JsonPath) -> Place:
        """The place of the value at `where`; of its nearest parent if it is not there."""
        places = self._prd.places
        for length in range(len(where), 0, -1):
            found = places.get(where[:length])
            if found is not None:
                return found
        return places.get((), Place(line=1, column=1))

    def put(self, where: JsonPath, *, value: bool | str) -> Edit | None:
        """Mark a story as done; there is no other way to change one."""
        match where:
            case (str() as key, int() as at, "passes" | "status" as flag) if key == STORIES:
                is_done = value is True or value == "done"
                marks = self._prd.marks[at] if at < len(self._prd.marks) else {}
                mark = marks.get(flag) if is_done else None
                if mark is not None:
                    return Edit(start=mark.start, end=mark.end, text=mark.text)
        return None
