"""Texts as trees of their language's grammar, in bounded time: some take a parser minutes.

The time is the processor's, so that a loaded machine reads the same texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from time import thread_time

from tree_sitter import Language as TreeLanguage
from tree_sitter import Node, Parser, Tree

from .languages import Language, grammar_of

__all__ = ["TEXT_S", "Node", "TooSlowError", "parse", "reading_for", "tree_language", "walk"]

TEXT_S = 2.0  # for one text; an ordinary megabyte takes some 0.5 s
_PIECE = 65_536  # given to the parser at once: only when it asks for more, it can be told to end

_end_s: ContextVar[float] = ContextVar("_end_s", default=float("inf"))


class TooSlowError(Exception):
    """A text takes its parser too long, or the time for all texts is over."""


@contextmanager
def reading_for(seconds: float) -> Iterator[None]:
    """Let all that is parsed within take so long at most."""
    token = _end_s.set(min(_end_s.get(), thread_time() + seconds))
    try:
        yield
    finally:
        _end_s.reset(token)


def parse(language: Language, text: bytes) -> Tree:
    """The tree of a text; TooSlowError if that takes too long."""
    parser = _parser(language)
    end_s = min(_end_s.get(), thread_time() + TEXT_S)

    def is_over(*_: object) -> bool:
        return thread_time() > end_s

    if is_over():
        raise TooSlowError
    try:
        tree = parser.parse(
            lambda at, _: text[at : at + _PIECE], encoding="utf8", progress_callback=is_over
        )
    except ValueError as error:
        parser.reset()  # else it would go on with this text at the next one
        raise TooSlowError from error
    if is_over():
        raise TooSlowError
    return tree


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
