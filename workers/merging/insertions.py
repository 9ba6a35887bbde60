"""Regions in which each side added functions or classes of its own: both, the left one's first.

Whether the order of two such entities matters, no text says: only what is verified afterwards may
be resolved like this.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..syntax.languages import Language
from ..syntax.parsing import Node, parse
from .regions import Lines, Piece, Region, text_of, together

SLIDES_MAX = 20
_ENTITIES = frozenset(
    (
        "function_definition class_definition decorated_definition"
        " function_item struct_item enum_item union_item trait_item impl_item mod_item"
        " macro_definition"
        " function_declaration generator_function_declaration class_declaration"
        " abstract_class_declaration method_definition interface_declaration"
        " type_alias_declaration enum_declaration"
    ).split()
)
_BESIDES = frozenset(("comment", "line_comment", "block_comment", "attribute_item", ";"))


class _Added(Struct, frozen=True):
    """What stands in the region on one side: where, and under which names."""

    container: tuple[str, bytes]
    names: frozenset[bytes]


def resolve_insertions(language: Language, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same pieces without the regions of whole entities that do not know each other."""
    pieces = together(pieces)
    for at, piece in enumerate(pieces):
        if isinstance(piece, Region) and not any(line.strip() for line in piece.base):
            done = _resolved(language, pieces, at, piece)
            if done is not None:
                pieces = done
    return pieces


def _resolved(
    language: Language, pieces: tuple[Piece, ...], at: int, region: Region
) -> tuple[Piece, ...] | None:
    if not region.left or not region.right:
        return None
    left, right = (parse(language, text_of(pieces, side)) for side in ("left", "right"))
    first = [_lines_before(pieces, at, side) for side in ("left", "right")]
    for before, ours, theirs, after, moved in _slides(pieces, at, region):
        added = [
            _added(tree.root_node, start + moved, lines)
            for tree, start, lines in ((left, first[0], ours), (right, first[1], theirs))
        ]
        one, other = added
        if one is None or other is None:
            continue
        if one.container != other.container or one.names & other.names:
            return None
        lines = _one_after_the_other(before, ours, theirs)
        head = (*pieces[: at - 1], before) if at else ()
        return (*head, lines, after, *pieces[at + 2 :])
    return None


def _slides(
    pieces: Sequence[Piece], at: int, region: Region
) -> list[tuple[Lines, Lines, Lines, Lines, int]]:
    """The ways in which the same insertions can be told: what they end with may begin them too."""
    before = pieces[at - 1] if at else ()
    after = pieces[at + 1] if at + 1 < len(pieces) else ()
    if isinstance(before, Region) or isinstance(after, Region):
        return []
    ways = [(before, region.left, region.right, after, 0)]
    head, ours, theirs, tail, moved = ways[0]
    while tail and len(ways) <= SLIDES_MAX and ours[0] == theirs[0] == tail[0]:
        head, moved = (*head, tail[0]), moved + 1
        ours, theirs, tail = (*ours[1:], tail[0]), (*theirs[1:], tail[0]), tail[1:]
        ways.append((head, ours, theirs, tail, moved))
    head, ours, theirs, tail, moved = ways[0]
    while head and len(ways) <= 2 * SLIDES_MAX and ours[-1] == theirs[-1] == head[-1]:
        tail, moved = (head[-1], *tail), moved - 1
        ours, theirs, head = (head[-1], *ours[:-1]), (head[-1], *theirs[:-1]), head[:-1]
        ways.append((head, ours, theirs, tail, moved))
    return ways


def _added(root: Node, first: int, lines: Lines) -> _Added | None:
    """What these lines of a text hold, if that is whole entities side by side."""
    said = [number for number, line in enumerate(lines, first) if line.strip()]
    if not said:
        return None
    container = _container(root, said[0], said[-1], first, first + len(lines))
    covered: set[int] = set()
    names: set[bytes] = set()
    for child in container.children:
        rows = range(child.start_point.row, _last_row(child) + 1)
        if rows.stop <= said[0] or rows.start > said[-1]:
            continue
        is_within = rows.start >= said[0] and rows.stop - 1 <= said[-1]
        if not is_within or child.has_error or not (_is_entity(child) or child.type in _BESIDES):
            return None
        covered.update(rows)
        if _is_entity(child):
            names.add(_name(child))
    if not names or not covered.issuperset(said):
        return None
    header = root.text or b""
    begin = container.start_byte - container.start_point.column
    line = b"" if container.parent is None else header[begin:].partition(b"\n")[0].strip()
    return _Added(container=(container.type, _owner(container) or line), names=frozenset(names))


def _container(root: Node, low: int, high: int, first: int, end: int) -> Node:
    """The smallest node around these rows that does not lie between the lines itself."""
    node = root
    while True:
        inner = next(
            (
                child
                for child in node.children
                if child.start_point.row <= low
                and high <= _last_row(child)
                and not first <= child.start_point.row <= _last_row(child) < end
            ),
            None,
        )
        if inner is None:
            return node
        node = inner


def _last_row(node: Node) -> int:
    """The last row that a node has a letter on."""
    end = node.end_point
    return end.row if end.column or end.row == node.start_point.row else end.row - 1


def _is_entity(node: Node) -> bool:
    is_exported = node.type == "export_statement" and node.child_by_field_name("declaration")
    return bool(is_exported) or node.type in _ENTITIES


def _owner(container: Node) -> bytes:
    """The name of what a body belongs to."""
    owner = container.parent
    named = None if owner is None else owner.child_by_field_name("name")
    return b"" if named is None else named.text or b""


def _name(entity: Node) -> bytes:
    """The name of a function or class; without one, all of its first line."""
    node = entity
    for field in ("definition", "declaration"):
        node = node.child_by_field_name(field) or node
    named = node.child_by_field_name("name")
    text = (node if named is None else named).text or b""
    return text.partition(b"\n")[0]


def _lines_before(pieces: Sequence[Piece], at: int, side: str) -> int:
    return sum(
        len(getattr(piece, side) if isinstance(piece, Region) else piece) for piece in pieces[:at]
    )


def _one_after_the_other(before: Lines, ours: Lines, theirs: Lines) -> Lines:
    """Both insertions, with as much space between them as is around them."""
    (lead, one, trail), (lead_other, other, trail_other) = _bare(ours), _bare(theirs)
    above = _bare(before)[2] if before else 0
    end = b"\r\n" if ours[0].endswith(b"\r\n") else b"\n"
    between = max(lead, trail, lead_other, trail_other, above)
    space = [end] * between
    return (
        *[end] * max(lead, lead_other),
        *one,
        *space,
        *other,
        *[end] * max(trail, trail_other),
    )


def _bare(lines: Lines) -> tuple[int, Lines, int]:
    """The lines without blank ones around them, and how many there were before and behind."""
    said = [at for at, line in enumerate(lines) if line.strip()]
    if not said:
        return 0, (), len(lines)
    return said[0], lines[said[0] : said[-1] + 1], len(lines) - 1 - said[-1]
