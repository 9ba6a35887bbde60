"""Reading that ends: some texts (a megabyte of quotes) take a parser, or a linter, minutes.

The time is the processor's, so that a loaded machine reads the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an integrator that merges no code loads no parser
    from tree_sitter import Parser, Tree

TEXT_S = 2.0  # for one text; an ordinary megabyte takes some 0.5 s
# Given to the parser at once: it asks whether to go on only if it has to ask for more. And a node
# that is asked for its text copies as much, however short it is.
_PIECE = 4_096

_end_s: ContextVar[float] = ContextVar("_end_s", default=float("inf"))


class TooSlowError(Exception):
    """A text takes its reader too long, or the time for all texts is over."""


@contextmanager
def reading_for(seconds: float) -> Iterator[None]:
    """Let all that is read within take so long at most."""
    token = _end_s.set(min(_end_s.get(), thread_time() + seconds))
    try:
        yield
    finally:
        _end_s.reset(token)


def time_of_a_text() -> Callable[..., bool]:
    """Begin with a text; what comes back says whether its time is over."""
    end_s = min(_end_s.get(), thread_time() + TEXT_S)

    def is_over(*_: object) -> bool:
        return thread_time() > end_s

    return is_over


def parse_in_time(parser: Parser, text: bytes) -> Tree:
    """The tree of a text; TooSlowError if that takes too long."""
    is_over = time_of_a_text()
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
