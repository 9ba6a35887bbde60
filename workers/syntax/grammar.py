"""What a language has to say of itself so that it can be outlined."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from tree_sitter import Node

from .words import Atom, Signature

SIGNATURE_CHARS_MAX = 2000
NAME_CHARS_MAX = 120


class Grammar(Struct, frozen=True, kw_only=True):
    """One language.

    The query captures entities by their kind, and besides: `import`, `call`, `name` (a name that is
    read), `member` (one after a dot, or a label: no name of its own), `binding` (one that is bound
    where it stands) and `local` (one that is bound inside of what it stands in).
    """

    query: str
    owners: frozenset[str]  # kinds whose functions are methods
    name_of: Callable[[Node], str]
    span_of: Callable[[Node], tuple[Node, Node]]  # where an entity begins and ends, with decorators
    decorators_of: Callable[[Node], tuple[str, ...]]
    signature_of: Callable[[Node], Signature | None]
    atoms_of: Callable[[Node], tuple[Atom, ...]]
    call_of: Callable[[Node], Node | None]  # what is called, without arguments
    statement_name: Callable[[Node], str]
    separator: str = "."


def text_of(node: Node | None, *, chars_max: int = NAME_CHARS_MAX) -> str:
    """A node's text in one line, and bounded."""
    if node is None:
        return ""
    return " ".join((node.text or b"")[: chars_max * 4].decode("utf-8", "replace").split())[
        :chars_max
    ]


def named(node: Node, *kinds: str) -> Iterator[Node]:
    """The named children, all or those of some types."""
    for child in node.named_children:
        if not kinds or child.type in kinds:
            yield child


def run_before(node: Node, kind: str) -> list[Node]:
    """The siblings of one type right before a node, in the order of the text."""
    found = []
    before = node.prev_named_sibling
    while before is not None and before.type == kind:
        found.append(before)
        before = before.prev_named_sibling
    return found[::-1]


def field(node: Node, *names: str) -> Node | None:
    """Go down by fields, as far as it goes."""
    found: Node | None = node
    for name in names:
        found = found.child_by_field_name(name) if found is not None else None
    return found


def descendants(node: Node, *kinds: str, levels: int = 8) -> Iterator[Node]:
    """The nodes of some types below, not below each other, in the order of the text."""
    waiting = [(child, levels) for child in reversed(node.named_children)]
    while waiting:
        found, left = waiting.pop()
        if found.type in kinds:
            yield found
        elif left:
            waiting += [(child, left - 1) for child in reversed(found.named_children)]
