"""The imports of one region in one version."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from ....policies.values import replace
from ..regions import Lines
from .widen import View
from .words import MODULE, Atom, Statement, Words

Scoped = tuple[object, Words]  # the block that something stands in, and what it is


class Block(Struct, frozen=True):
    """Its lines and statements, counted from its first line; `scopes` tells headers apart.

    The header of a block that stands in the region is known by its text, any other by its place.
    """

    lines: Lines
    statements: tuple[Statement, ...]
    scopes: Mapping[int, object]

    def scope(self, statement: Statement) -> object:
        """The block that a statement stands in."""
        return self.scopes[statement.header]

    def atoms(self) -> dict[Scoped, Atom]:
        """All names, by the block that they are imported in and by what they are."""
        return {
            (self.scope(each), atom.identity): atom
            for each in self.statements
            for atom in each.atoms
        }


def block_of(view: View, at: int, lines: Lines) -> Block:
    """The imports of the region that is piece `at` of this version."""
    first = view.starts[at]
    found = view.within(first, view.starts[at + 1])
    statements = tuple(
        replace(
            each,
            first=each.first - first,
            last=each.last - first,
            header=_header(each.header, view, at),
        )
        for each in found
    )
    scopes: dict[int, object] = {MODULE: None}
    for each, moved in zip(found, statements, strict=True):
        if each.header != MODULE:
            is_within = first <= each.header < view.starts[at + 1]
            scope = lines[moved.header].strip() if is_within else view.place(each.header)
            scopes[moved.header] = scope
    return Block(lines=lines, statements=statements, scopes=scopes)


def elsewhere(view: View, regions: Collection[int]) -> frozenset[Scoped]:
    """What is imported outside of all regions."""
    return frozenset(
        (None if each.header == MODULE else view.place(each.header), atom.identity)
        for each in view.imports.statements
        if view.place(each.first)[0] not in regions
        for atom in each.atoms
    )


def _header(line: int, view: View, at: int) -> int:
    """A header's line from the region's first one; those above it are below the module's."""
    moved = line - view.starts[at]
    return MODULE if line == MODULE else moved if moved >= 0 else moved + MODULE
