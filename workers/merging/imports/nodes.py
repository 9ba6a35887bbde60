"""Nodes of a tree as import statements on lines of their own."""

from __future__ import annotations

from msgspec import Struct

from ....policies.values import replace
from ...syntax.parsing import Node
from ..regions import Lines
from .words import MODULE, Atom, Form, Statement, Words


class Source(Struct, frozen=True):
    """A text whose statements are read, and the kinds of blocks that its language has."""

    lines: Lines
    blocks: frozenset[str]
    comment: bytes

    def statement(
        self,
        node: Node,
        group: Words,
        atoms: tuple[Atom, ...],
        *,
        form: Form | None = None,
        first: Node | None = None,
    ) -> Statement | None:
        """A statement from the node `first`, or its own start; None if others share its lines."""
        begin = (first or node).start_point
        end = node.end_point
        before = self.lines[begin.row][: begin.column]
        after = self.lines[end.row][end.column :]
        is_alone = not before.strip() and after.lstrip(b" \t;\r\n").startswith((self.comment, b""))
        rest = after.strip(b" \t;\r\n")
        if not is_alone or (rest and not rest.startswith(self.comment)) or node.has_error:
            return None
        return Statement(
            first=begin.row,
            last=end.row,
            group=group,
            atoms=atoms,
            text=self.lines[begin.row : end.row + 1],
            header=self._header(node),
            form=form and replace(form, indent=before, after=after),
        )

    def _header(self, node: Node) -> int:
        parent = node.parent
        while parent is not None:
            if parent.type in self.blocks:
                return parent.start_point.row
            parent = parent.parent
        return MODULE


def text_of(node: Node) -> bytes:
    """The text of a node as it stands there."""
    return node.text or b""
