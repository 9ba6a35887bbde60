"""A YAML text: its value in the types of JSON, and the place of everything in it."""

from __future__ import annotations

from .document import Edit, JsonPath, Place, Remark
from .lines import Lines
from .yaml_composer import compose
from .yaml_edits import added, replaced


class YamlDocument:
    """A YAML text. Of several documents in it the first one counts, with a remark that says so."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises UnreadableError."""
        composed = compose(text)
        self._text = text
        self._lines = Lines(text)
        self._root = composed.root
        self._repeated = composed.repeated
        self._next_start = composed.next_start

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def value(self) -> object:
        """What it says; a number with a point remembers how it was written."""
        return self._root.value

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Names that stand in a mapping twice, and a second document."""
        found = []
        for first, again in self._repeated:
            line = self._lines.place(first).line
            message = f"this name stands in the same mapping on line {line} already; "
            found.append(self._remark(again, message + "remove one of them"))
        if self._next_start is not None:
            message = "a second document begins here; split the file, one document is read of each"
            found.append(self._remark(self._next_start, message))
        return tuple(found)

    def place(self, where: JsonPath) -> Place:
        """The place of the value at `where`; of its nearest parent if it is not there."""
        node = self._root
        for key in where:
            found = node.child(key)
            if found is None:
                break
            node = found
        return self._lines.place(node.start)

    def put(self, where: JsonPath, *, value: bool | str) -> Edit | None:
        """Replace the value at `where`, or add it to its parent.

        None where others would change with it: behind an alias, or in a block of its own.
        """
        parent = self._root
        for key in where[:-1]:
            found = parent.child(key)
            if found is None or found.is_alias or found.is_merged:
                return None
            parent = found
        found = parent.child(where[-1])
        if found is None or found.is_merged:
            return added(self._text, parent, str(where[-1]), value)
        return replaced(self._text, found, value)

    def _remark(self, at: int, message: str) -> Remark:
        place, excerpt = self._lines.place(at), self._lines.excerpt(at)
        return Remark(place=place, message=message, excerpt=excerpt, is_error=True)
