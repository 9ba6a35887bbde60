"""A JSON text: its value, and the place of everything in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import tree_sitter_json
from tree_sitter import Language, Node, Parser

from .document import Edit, JsonPath, Place, UnreadableError, WrittenFloat

_STRING_OR_EXPONENT = re.compile(rb'"(?:[^"\\]|\\.)*"|[eE]\+')
_LANGUAGE = Language(tree_sitter_json.language())


class JsonDocument:
    """A JSON text and its value. The places of its values are looked up when one is asked for."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises UnreadableError."""
        try:
            self._data = text.encode()
        except UnicodeEncodeError as error:
            raise UnreadableError("the text is not UTF-8; save it as UTF-8") from error
        self._text = text
        self._value = _parse(text)
        self._root: Node | None = None
        self._containers: dict[JsonPath, Mapping[str | int, Node]] = {}

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def value(self) -> object:
        """What it says; a number with a point remembers how it was written."""
        return self._value

    def place(self, where: JsonPath) -> Place:
        """The place of the value at `where`; of its nearest parent if it is not there."""
        node = self._node(where)
        row, byte_column = node.start_point
        before = self._data[node.start_byte - byte_column : node.start_byte]
        return Place(line=row + 1, column=len(before.decode()) + 1)

    def put(self, where: JsonPath, *, value: bool | str) -> Edit | None:
        """Replace the value at `where`, or add it as the last member of its parent."""
        *above, key = where
        written = json.dumps(value)
        found = self._inside(tuple(above), self._node(tuple(above))).get(key)
        if found is not None:
            return self._edit(found.start_byte, found.end_byte, written)
        return self._added(tuple(above), str(key), written)

    def _added(self, above: JsonPath, key: str, written: str) -> Edit | None:
        pairs = [child for child in self._node(above).named_children if child.type == "pair"]
        if not pairs:
            return None
        pair = pairs[-1]
        name, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.prev_sibling is None or name is None or value is None:
            return None
        lead = self._data[pair.prev_sibling.end_byte : pair.start_byte].decode()
        colon = self._data[name.end_byte : value.start_byte].decode()
        colon = ": " if "\n" in colon else colon
        return self._edit(pair.end_byte, pair.end_byte, f",{lead}{json.dumps(key)}{colon}{written}")

    def _edit(self, start: int, end: int, text: str) -> Edit:
        first = len(self._data[:start].decode())
        return Edit(start=first, end=first + len(self._data[start:end].decode()), text=text)

    def _node(self, where: JsonPath) -> Node:
        if self._root is None:
            self._root = Parser(_LANGUAGE).parse(_for_grammar(self._data)).root_node
        # The document holds one value, and whatever the grammar takes for a comment.
        node = next(child for child in self._root.named_children if child.type != "comment")
        for depth, key in enumerate(where):
            found = self._inside(where[:depth], node).get(key)
            if found is None:
                break
            node = found
        return node

    def _inside(self, where: JsonPath, node: Node) -> Mapping[str | int, Node]:
        # Kept per container, or the defects of a long list would take quadratic time.
        if where not in self._containers:
            self._containers[where] = _children(node)
        return self._containers[where]


def _parse(text: str) -> object:
    if not text.strip():
        raise UnreadableError("the file is empty; a JSON document is needed", line=1, column=1)
    try:
        return json.loads(text, parse_float=WrittenFloat, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        found = f"found {text[error.pos]!r}" if error.pos < len(text) else "found the end"
        message = f"this is not JSON: {error.msg.removesuffix(' at')}, {found}; mend it here"
        raise UnreadableError(message, line=error.lineno, column=error.colno) from error
    except _ConstantError as error:
        line, column = _place_of_constant(text, error.name)
        message = f"{error.name} is not JSON; write a number or null"
        raise UnreadableError(message, line=line, column=column) from error
    except RecursionError as error:
        message = "the document is nested too deeply; make it flatter"
        raise UnreadableError(message, line=1, column=1) from error
    except ValueError as error:  # an integer of more digits than Python converts
        message = "a number has more digits than can be read; write a shorter one"
        raise UnreadableError(message, line=1, column=1) from error


class _ConstantError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _refuse_constant(name: str) -> object:
    raise _ConstantError(name)


def _place_of_constant(text: str, name: str) -> tuple[int, int]:
    # Strings are skipped: the word may stand in one of them first.
    for found in re.finditer(rf'"(?:[^"\\]|\\.)*"|(?<![\w-])({re.escape(name)})\b', text):
        if found.group(1):
            return _place(text[: found.start(1)])
    return 1, 1


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _for_grammar(data: bytes) -> bytes:
    """The same JSON, byte for byte as long, in the words of the grammar: it knows no `1e+5`."""
    if b"+" not in data:
        return data
    return _STRING_OR_EXPONENT.sub(
        lambda found: found[0] if found[0].startswith(b'"') else b"e0", data
    )


def _children(node: Node) -> Mapping[str | int, Node]:
    if node.type == "array":
        values = (child for child in node.named_children if child.type != "comment")
        return dict(enumerate(values))
    members: dict[str | int, Node] = {}
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None and key.text is not None:
            # As in json: of two members of one name the last one holds.
            members[json.loads(key.text)] = value
    return members
