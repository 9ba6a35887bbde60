"""Texts as trees of their language's grammar; who has no grammar has no tree."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from tree_sitter import Language, Node, Parser, Tree

from .bounded import parse_in_time

__all__ = ["Node", "parse", "walk"]

# A file's suffix, the module of its grammar, and the function in it.
_GRAMMARS = {
    ".py": ("tree_sitter_python", "language"),
    ".pyi": ("tree_sitter_python", "language"),
    ".rs": ("tree_sitter_rust", "language"),
    ".ts": ("tree_sitter_typescript", "language_typescript"),
    ".mts": ("tree_sitter_typescript", "language_typescript"),
    ".cts": ("tree_sitter_typescript", "language_typescript"),
    ".tsx": ("tree_sitter_typescript", "language_tsx"),
    ".js": ("tree_sitter_javascript", "language"),
    ".jsx": ("tree_sitter_javascript", "language"),
    ".mjs": ("tree_sitter_javascript", "language"),
    ".cjs": ("tree_sitter_javascript", "language"),
}


def parse(suffix: str, text: bytes) -> Tree | None:
    """The tree of a text; None where no grammar is for files of this suffix.

    TooSlowError if it takes too long.
    """
    grammar = _GRAMMARS.get(suffix)
    return None if grammar is None else parse_in_time(_parser(*grammar), text)


def walk(root: Node, *, stops_at: frozenset[str] = frozenset()) -> Iterator[Node]:
    """Every node in the order of the text, but nothing below nodes of these types."""
    cursor = root.walk()
    while (node := cursor.node) is not None:
        yield node
        if node.type not in stops_at and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


@cache
def _parser(module: str, function: str) -> Parser:
    return Parser(Language(getattr(import_module(module), function)()))
