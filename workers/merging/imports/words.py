"""The words for imports, whatever the language."""

from __future__ import annotations

from msgspec import Struct

from ..regions import Lines

Words = tuple[bytes, ...]
MODULE = -1  # as a header: the statement stands in no block


class Atom(Struct, frozen=True):
    """One imported name: `identity` says what it is, `text` how it is written in a list.

    `bound` is the name that the file gets by it; empty where it gets none, or all of a module.
    """

    identity: Words
    text: bytes
    bound: bytes
    is_first: bool = False  # it stands before the list, as a default import does


class Form(Struct, frozen=True, kw_only=True):
    """How a statement with a list is written: indent, start, opening, body, tail, after.

    `opening` is the bracket of the list, empty where it has none; `brackets` are those that it
    could have.
    """

    start: bytes
    brackets: tuple[bytes, bytes]
    opening: bytes = b""
    body: bytes = b""
    tail: bytes = b""
    indent: bytes = b""
    after: bytes = b""  # a comment, and the end of the line
    width: int = 88


class Statement(Struct, frozen=True, kw_only=True):
    """An import statement on lines of its own, from `first` to `last`, both counted from 0.

    `group` is what its atoms have in common: names can be added to a statement of the same group,
    if it has a form. `header` is the line of the block that it stands in.
    """

    first: int
    last: int
    group: Words
    atoms: tuple[Atom, ...]
    text: Lines
    header: int = MODULE
    form: Form | None = None


class Imports(Struct, frozen=True, kw_only=True):
    """All import statements of a text, in its order.

    `frames` are the lines of blocks that hold nothing but imports (`if TYPE_CHECKING:`), `comments`
    those on which nothing but a comment stands.
    """

    statements: tuple[Statement, ...]
    frames: frozenset[int]
    comments: frozenset[int]
    blanks: frozenset[int]
    names: frozenset[bytes]  # all that are used outside of imports
    values: frozenset[bytes]  # in Rust those that are built or called, which no trait is
    has_error: bool
