"""Texts as trees of their language's grammar."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tree_sitter import Language as TreeLanguage
from tree_sitter import Node, Parser, Tree

from .bounded import parse_in_time
from .languages import Language, grammar_of

__all__ = ["Node", "parse", "tree_language", "walk"]


def parse(language: Language, text: bytes) -> Tree:
    """The tree of a text; TooSlowError if that takes too long."""
    return parse_in_time(_parser(language), text)


@cache
def tree_language(language: Language) -> TreeLanguage:
    """The grammar of a language, as queries want it."""
    return TreeLanguage(grammar_of(language))


@cache
def _parser(language: Language) -> Parser:
    return Parser(tree_language(language))


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
