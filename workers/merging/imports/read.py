"""The import statements of a text, and the names that the rest of it uses."""

from __future__ import annotations

from types import ModuleType

from ...syntax.languages import Language
from ...syntax.parsing import Node, parse, walk
from ..regions import Lines, lines_of
from . import python, rust, script
from .nodes import Source, text_of
from .words import Imports, Statement

_READERS: dict[Language, ModuleType] = {
    Language.PYTHON: python,
    Language.RUST: rust,
    Language.TYPESCRIPT: script,
    Language.TSX: script,
    Language.JAVASCRIPT: script,
}
_COMMENTS = frozenset(("comment", "line_comment", "block_comment"))
# Nothing in these uses a name, even where they do not have their lines alone; but Rust's paths do.
_IMPORTS = python.STATEMENTS | {"import_statement", "use_declaration"}


def read_imports(language: Language, text: bytes) -> Imports:
    """What a text imports; TooSlowError if it takes its parser too long."""
    return _read(parse(language, text).root_node, _READERS[language], lines_of(text))


def _read(root: Node, reader: ModuleType, lines: Lines) -> Imports:
    source = Source(lines=lines, blocks=reader.BLOCKS, comment=reader.COMMENT)
    statements: list[Statement] = []
    frames: set[int] = set()
    comments: set[int] = set()
    names: set[bytes] = set()
    values: set[bytes] = set()
    done = 0  # up to this byte everything belongs to the last statement
    for node in walk(root):
        if node.start_byte < done:
            continue
        if node.type in reader.STATEMENTS:
            statement = reader.read(node, source)
            if statement is not None:
                statements.append(statement)
                names.update(reader.used_by(statement))
            if statement is not None or (node.type in _IMPORTS and reader is not rust):
                done = node.end_byte
        elif node.type in _COMMENTS:
            comments.update(_lines_alone(node, lines))
        elif reader.is_name(node) or _is_quoted_name(node):
            names.add(text_of(node))
            if reader is rust and rust.is_value(node):
                values.add(text_of(node))
        elif reader is python and python.is_frame(node):
            frames.add(node.start_point.row)
    return Imports(
        statements=tuple(statements),
        frames=frozenset(frames),
        comments=frozenset(comments),
        blanks=frozenset(at for at, line in enumerate(lines) if not line.strip()),
        names=frozenset(names),
        values=frozenset(values),
        has_error=root.has_error,
    )


def _lines_alone(node: Node, lines: Lines) -> range:
    """The lines that a comment has for itself."""
    begin, end = node.start_point, node.end_point
    if lines[begin.row][: begin.column].strip():
        return range(0)
    return range(begin.row, end.row + (end.column > 0))


def _is_quoted_name(node: Node) -> bool:
    """Say whether a string is a name, as in __all__ and in annotations in quotes."""
    if node.type != "string_content":
        return False
    return text_of(node).decode("utf-8", "replace").isidentifier()
