"""JavaScript's and TypeScript's imports, exports from elsewhere, and requires."""

from __future__ import annotations

from ...syntax.parsing import Node
from .nodes import Source, text_of
from .words import Atom, Form, Statement, Words

STATEMENTS = frozenset(
    ("import_statement", "export_statement", "lexical_declaration", "variable_declaration")
)
BLOCKS = frozenset(("statement_block", "class_body", "switch_body", "internal_module", "module"))
COMMENT = b"//"
_NAMES = frozenset(
    "identifier type_identifier shorthand_property_identifier jsx_identifier".split()
)
_LISTS = frozenset(("named_imports", "export_clause"))
_PRETTIER_WIDTH = 80


def read(node: Node, source: Source) -> Statement | None:
    """An import statement, or what is written like one; None for everything else."""
    if node.type in {"lexical_declaration", "variable_declaration"}:
        return _require(node, source)
    module = node.child_by_field_name("source")
    if module is None:
        is_import = node.type == "import_statement"
        clause = _child(node, "import_require_clause")
        if not is_import or clause is None:
            return None
        words = b" ".join(text_of(node).rstrip(b";").split())
        return source.statement(
            node, (words,), (Atom((words,), words, text_of(clause.children[0])),)
        )
    kind = b"export" if node.type == "export_statement" else b"import"
    is_type = any(child.type in {"type", "typeof"} for child in node.children)
    attribute = _child(node, "import_attribute")
    group: Words = (
        kind + (b" type" if is_type else b""),
        text_of(module)[1:-1],
        text_of(attribute) if attribute is not None else b"",
    )
    return _from(node, source, group)


def used_by(statement: Statement) -> frozenset[bytes]:  # noqa: ARG001  Rust's paths go through names
    """An import uses no name."""
    return frozenset()


def is_name(node: Node) -> bool:
    """Say whether a node uses a name of the file."""
    return node.type in _NAMES


def _from(node: Node, source: Source, group: Words) -> Statement | None:
    clause = _child(node, "import_clause") or node
    listed = next((child for child in clause.children if child.type in _LISTS), None)
    first = _child(clause, "identifier") if clause is not node else None
    star = _child(clause, "namespace_import") or _child(clause, "namespace_export")
    names = [] if listed is None else [n for n in listed.children if n.type.endswith("specifier")]
    atoms = [_listed(group, name) for name in names]
    if first is not None:
        words = text_of(first)
        atoms.insert(0, Atom((*group, b"default", words), words, words, is_first=True))
    if star is not None:
        words = b" ".join(text_of(star).split())
        is_export = b"export " if group[0].startswith(b"export") else b""
        atoms.append(Atom((*group, words), words, is_export + words.rpartition(b" ")[2]))
    if not atoms:  # import "x", export * from "x"
        whole = b" ".join(text_of(node).rstrip(b";").split())
        return source.statement(node, (*group, whole), (Atom((*group, whole), whole, b""),))
    if star is not None or any(child.type == "comment" for child in node.children):
        return source.statement(node, (*group, b"*"), tuple(atoms))
    form = _form(node, listed, first)
    return source.statement(node, group, tuple(atoms), form=form)


def _listed(group: Words, name: Node) -> Atom:
    words = b" ".join(text_of(name).split())
    alias = name.child_by_field_name("alias") or name.child_by_field_name("name")
    # What is exported from elsewhere is no name of this file, but may be exported only once.
    is_export = group[0].startswith(b"export")
    bound = text_of(alias) if alias is not None else words
    return Atom((*group, words), words, b"export " + bound if is_export else bound)


def _form(node: Node, listed: Node | None, first: Node | None) -> Form:
    text = text_of(node)
    begin = (first or listed or node).start_byte - node.start_byte
    brackets = (b"{", b"}")
    if listed is None:
        end = (first or node).end_byte - node.start_byte
        return Form(
            start=text[:begin],
            brackets=brackets,
            tail=text[end:],
            width=_PRETTIER_WIDTH,
        )
    return Form(
        start=text[:begin],
        brackets=brackets,
        opening=b"{",
        body=text_of(listed)[1:-1],
        tail=text[listed.end_byte - node.start_byte - 1 :],
        width=_PRETTIER_WIDTH,
    )


def _require(node: Node, source: Source) -> Statement | None:
    """`const a = require("a")` and `const { a, b: c } = require("a")`."""
    declared = [child for child in node.named_children if child.type == "variable_declarator"]
    if len(declared) != 1 or node.named_child_count != 1:
        return None
    name, value = (declared[0].child_by_field_name(field) for field in ("name", "value"))
    called = value
    while called is not None and called.type == "member_expression":
        called = called.child_by_field_name("object")
    function = called.child_by_field_name("function") if called is not None else None
    if name is None or value is None or function is None or text_of(function) != b"require":
        return None
    kind = text_of(node).partition(b" ")[0]
    group: Words = (kind, text_of(value).replace(b'"', b"'"))
    if name.type == "identifier":
        words = text_of(name)
        return source.statement(node, (*group, words), (Atom((*group, words), words, words),))
    if name.type != "object_pattern" or any(
        child.type not in {"shorthand_property_identifier_pattern", "pair_pattern"}
        for child in name.named_children
    ):
        return None
    atoms = tuple(_destructured(group, child) for child in name.named_children)
    text = text_of(node)
    begin, end = name.start_byte - node.start_byte, name.end_byte - node.start_byte
    form = Form(
        start=text[:begin],
        brackets=(b"{", b"}"),
        opening=b"{",
        body=text[begin + 1 : end - 1],
        tail=text[end - 1 :],
        width=_PRETTIER_WIDTH,
    )
    return source.statement(node, group, atoms, form=form)


def _destructured(group: Words, node: Node) -> Atom:
    words = b" ".join(text_of(node).split())
    value = node.child_by_field_name("value")
    return Atom((*group, words), words, text_of(value) if value is not None else words)


def _child(node: Node, kind: str) -> Node | None:
    return next((child for child in node.children if child.type == kind), None)
