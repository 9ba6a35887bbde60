"""The text of a JSON file, its value, and the place of every value in it."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import tree_sitter_json
from tree_sitter import Language, Node, Parser

BYTES_MAX = 50_000_000
BOM = "\ufeff"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")

JsonPath = tuple[str | int, ...]

_STRING_OR_EXPONENT = re.compile(rb'"(?:[^"\\]|\\.)*"|[eE]\+')
_LANGUAGE = Language(tree_sitter_json.language())


class UnreadableError(Exception):
    """A text that is no JSON; `line` is 0 where there is no place to show."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a value stands: bytes `start` to `end` (exclusive), line and column from 1."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastMember:
    """The last member of an object: where it ends, and how it is laid out."""

    end: int
    lead: bytes  # between the comma or brace in front and the key
    colon: bytes  # between key and value


class Source:
    """A JSON text and its value. The places of its values are looked up when one is asked for."""

    __slots__ = ("_containers", "_root", "data", "text", "value")

    def __init__(self, text: str) -> None:
        """Parse the text; a byte order mark in front is dropped. Raises UnreadableError."""
        self.text = text.removeprefix(BOM)
        try:
            self.data = self.text.encode()
        except UnicodeEncodeError as error:
            raise UnreadableError("the text is not UTF-8; save it as UTF-8") from error
        self.value = _parse(self.text)
        self._root: Node | None = None
        self._containers: dict[JsonPath, Mapping[str | int, Node]] = {}

    def span(self, where: JsonPath) -> Span:
        """The place of the value at `where`; of its nearest parent if it is not there."""
        return self._span(self._node(where))

    def last_member(self, where: JsonPath) -> LastMember | None:
        """The layout of the last member of the object at `where`; None if it is empty."""
        pairs = [child for child in self._node(where).named_children if child.type == "pair"]
        if not pairs:
            return None
        pair = pairs[-1]
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.prev_sibling is None or key is None or value is None:
            return None
        return LastMember(
            end=pair.end_byte,
            lead=self.data[pair.prev_sibling.end_byte : pair.start_byte],
            colon=self.data[key.end_byte : value.start_byte],
        )

    def _node(self, where: JsonPath) -> Node:
        if self._root is None:
            self._root = Parser(_LANGUAGE).parse(_for_grammar(self.data)).root_node
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

    def _span(self, node: Node) -> Span:
        row, byte_column = node.start_point
        before = self.data[node.start_byte - byte_column : node.start_byte]
        return Span(
            start=node.start_byte,
            end=node.end_byte,
            line=row + 1,
            column=len(before.decode()) + 1,
        )


def read_source(path: Path) -> Source:
    """Read and parse a JSON file. Raises UnreadableError."""
    return Source(read_text(path))


def read_text(path: Path) -> str:
    """Read a regular file of UTF-8 text, newlines as they are. Raises UnreadableError."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # reading a pipe or a device might never end
            raise UnreadableError("this is no regular file; a file of text is needed")
        if about.st_size > BYTES_MAX:
            raise UnreadableError(
                f"the file has {about.st_size} bytes; {BYTES_MAX} are allowed at most"
            )
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableError(f"the file cannot be read: {why}; make it readable") from error
    if data.startswith(_UTF16_BOMS):
        raise UnreadableError("the file is UTF-16; save it as UTF-8", line=1, column=1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode("utf-8-sig", "replace"))
        found = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise UnreadableError(found, line=line, column=column) from error


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
