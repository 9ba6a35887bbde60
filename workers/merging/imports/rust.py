"""Rust's use, mod and extern crate declarations."""

from __future__ import annotations

from msgspec import Struct

from ...syntax.parsing import Node
from ..regions import Lines, lines_of
from .nodes import Source, text_of
from .words import Atom, Form, Statement, Words

STATEMENTS = frozenset(("use_declaration", "mod_item", "extern_crate_declaration"))
BLOCKS = frozenset(("block", "declaration_list"))
COMMENT = b"//"
DEPTH_MAX = 8
_WIDTH = 100
_STEP = b"    "
_SEPARATOR = b"::"
_VALUES = {
    "struct_expression": "name",
    "call_expression": "function",
    "struct_pattern": "type",
    "tuple_struct_pattern": "type",
}
_NAMES = frozenset(("identifier", "type_identifier"))


class Use(Struct, frozen=True):
    """A part of a use tree: `path` up to the braces, and what stands in them, if there are any."""

    path: Words
    below: tuple[Use, ...] | None = None


def read(node: Node, source: Source) -> Statement | None:
    """A declaration with the attributes above it."""
    above: list[Node] = []
    sibling = node.prev_sibling
    while sibling is not None and sibling.type == "attribute_item":
        above.append(sibling)
        sibling = sibling.prev_sibling
    shown = next((child for child in node.children if child.type == "visibility_modifier"), None)
    about: Words = (
        *(b"".join(text_of(each).split()) for each in reversed(above)),
        text_of(shown) if shown is not None else b"",
    )
    first = above[-1] if above else None
    if node.type != "use_declaration":
        if node.child_by_field_name("body") is not None:
            return None
        words = b" ".join(text_of(node).split())
        bound = node.child_by_field_name("alias") or node.child_by_field_name("name")
        atom = Atom((*about, words), words, text_of(bound) if bound is not None else b"")
        return source.statement(node, atom.identity, (atom,), first=first)
    argument = node.child_by_field_name("argument")
    tree = _use(argument, 0) if argument is not None else None
    if tree is None:
        return None
    atoms = tuple(_atom(about, path) for path in _leaves(tree))
    if tree.below is None:
        return source.statement(node, (*about, *tree.path), atoms, first=first)
    begin = (argument or node).start_byte - (first or node).start_byte
    whole = b"".join(source.lines[(first or node).start_point.row : node.end_point.row + 1])
    start = whole.lstrip()[:begin]
    form = Form(start=start, brackets=(b"{", b"}"), tail=b";", width=_WIDTH)
    has_comment = b"//" in text_of(node) or b"/*" in text_of(node)
    return source.statement(
        node,
        (*about, *tree.path, b"{"),
        atoms,
        first=first,
        form=None if has_comment else form,
    )


def is_name(node: Node) -> bool:
    """Say whether a node uses a name of the file: in a path, that is its first one."""
    if node.type not in _NAMES:
        return False
    parent = node.parent
    is_later = parent is not None and parent.type in {"scoped_identifier", "scoped_type_identifier"}
    return not is_later or parent is None or parent.child_by_field_name("name") != node


def is_value(node: Node) -> bool:
    """Say whether a name is built, called or taken apart: that is no trait."""
    parent = node.parent
    field = _VALUES.get(parent.type) if parent is not None else None
    return parent is not None and field is not None and parent.child_by_field_name(field) == node


def used_by(statement: Statement) -> frozenset[bytes]:
    """The names that a declaration's paths go through: they may be imported themselves."""
    paths = (atom.identity[:-1] for atom in statement.atoms)
    return frozenset(word for path in paths if b"use" in path for word in _behind_use(path))


def is_public(identity: Words) -> bool:
    """Say whether a name is exported: then others may use it."""
    at = identity.index(b"use") if b"use" in identity else 0
    return any(word.startswith(b"pub") for word in identity[:at])


def write_use(form: Form, atoms: tuple[Atom, ...], group: Words) -> Lines:
    """A use declaration of these paths; `group` has the path before its braces."""
    count = len(atoms[0].identity) - len(_path(atoms[0])) - 1  # what stands before the path
    top = Use(group[count:-1], ())
    for atom in atoms:
        top = _with(top, _path(atom)[len(top.path) :])
    only = top.below[0] if top.below is not None and len(top.below) == 1 else None
    if only is not None and only.path[0].partition(b" ")[0] != b"self":
        top = Use((*top.path, *only.path), only.below)  # as rustfmt: no braces around one path
    end = b"\r\n" if form.after.endswith(b"\r\n") else b"\n"
    written = _written(top, form.indent, len(form.indent + form.start) + 1, end)
    return lines_of(form.indent + form.start + written + form.tail + form.after)


def _behind_use(path: Words) -> Words:
    return path[path.index(b"use") + 1 :]


def _use(node: Node, depth: int) -> Use | None:
    """The tree of a use declaration; None where it is too deep, or has what we do not know."""
    if depth > DEPTH_MAX:
        return None
    if node.type == "scoped_use_list":
        path, listed = (node.child_by_field_name(field) for field in ("path", "list"))
    elif node.type == "use_list":
        path, listed = None, node
    else:
        words = b" ".join(text_of(node).split())
        return Use(tuple(words.split(_SEPARATOR)))
    parts = [_use(each, depth + 1) for each in (listed or node).named_children]
    below = tuple(part for part in parts if part is not None)
    if len(below) < len(parts):
        return None
    return Use(tuple(text_of(path).split(_SEPARATOR)) if path is not None else (), below)


def _leaves(tree: Use) -> list[Words]:
    found: list[Words] = []
    waiting: list[tuple[Words, Use]] = [((), tree)]
    while waiting:
        before, part = waiting.pop()
        path = (*before, *part.path)
        if part.below is None:
            found.append(path)
        else:
            waiting.extend((path, each) for each in reversed(part.below))
    return found


def _atom(about: Words, path: Words) -> Atom:
    last = path[-1]
    name, _, alias = last.partition(b" as ")
    own = path[-2] if name == b"self" and len(path) > 1 else name
    bound = b"" if own == b"*" or alias == b"_" else alias or own
    return Atom((*about, b"use", *path), _SEPARATOR.join(path), bound)


def _path(atom: Atom) -> Words:
    return tuple(atom.text.split(_SEPARATOR))


def _with(tree: Use, path: Words) -> Use:
    """The tree with one more path, in the group that it fits best."""
    below = tree.below or ()
    for at, each in enumerate(below):
        shared = _shared(each, path)
        if shared:
            left = Use(each.path[shared:], each.below)
            inner = left.below if each.below is not None and not left.path else (left,)
            grown = _with(Use(each.path[:shared], inner), path[shared:])
            return Use(tree.path, (*below[:at], grown, *below[at + 1 :]))
    return Use(tree.path, (*below, Use(path)))


def _shared(tree: Use, path: Words) -> int:
    """How many parts two paths have in common, the last name not counted."""
    most = min(len(path) - 1, len(tree.path) - (tree.below is None))
    return next((at for at in range(most) if tree.path[at] != path[at]), max(most, 0))


def _written(tree: Use, indent: bytes, used: int, end: bytes) -> bytes:
    path = _SEPARATOR.join(tree.path)
    if tree.below is None:
        return path
    start = path + (b"::{" if path else b"{")
    parts = [_written(each, indent + _STEP, len(indent + _STEP) + 1, end) for each in tree.below]
    line = start + b", ".join(parts) + b"}"
    is_nested = any(each.below is not None for each in tree.below)
    if used + len(line) <= _WIDTH and not is_nested:
        return line
    rows: list[bytes] = []
    for part in parts:
        is_grown = rows and not is_nested
        if is_grown and len(indent + _STEP + rows[-1]) + len(part) + 3 <= _WIDTH:
            rows[-1] += b", " + part
        else:
            rows.append(part)
    body = b"".join(indent + _STEP + row + b"," + end for row in rows)
    return start + end + body + indent + b"}"
