"""Python's import statements."""

from __future__ import annotations

from ...syntax.parsing import Node
from .nodes import Source, text_of
from .words import Atom, Form, Statement

STATEMENTS = frozenset(("import_statement", "import_from_statement", "future_import_statement"))
BLOCKS = frozenset(
    (
        "if_statement elif_clause else_clause try_statement except_clause finally_clause"
        " with_statement for_statement while_statement function_definition class_definition"
    ).split()
)
COMMENT = b"#"
_CHECKING = frozenset((b"TYPE_CHECKING", b"typing.TYPE_CHECKING", b"t.TYPE_CHECKING"))


def read(node: Node, source: Source) -> Statement | None:
    """An import statement; None where it is not on lines of its own."""
    names = node.children_by_field_name("name")
    if node.type == "import_statement":
        words = [text_of(name) for name in names]
        atoms = tuple(_atom((b"import",), name) for name in names)
        return source.statement(node, (b"import", *words), atoms)
    module = node.child_by_field_name("module_name")
    group = (b"from", text_of(module) if module is not None else b"__future__")
    star = next((child for child in node.children if child.type == "wildcard_import"), None)
    if star is not None:
        return source.statement(node, (*group, b"*"), (Atom((*group, b"*"), b"*", b""),))
    atoms = tuple(_atom(group, name) for name in names)
    return source.statement(node, group, atoms, form=_form(node, names))


def used_by(statement: Statement) -> frozenset[bytes]:  # noqa: ARG001  Rust's paths go through names
    """An import uses no name."""
    return frozenset()


def is_frame(node: Node) -> bool:
    """Say whether a block is `if TYPE_CHECKING:` around imports alone."""
    condition, body = (node.child_by_field_name(name) for name in ("condition", "consequence"))
    return (
        node.type == "if_statement"
        and condition is not None
        and text_of(condition) in _CHECKING
        and body is not None
        and node.child_by_field_name("alternative") is None
        and all(child.type in STATEMENTS | {"comment"} for child in body.children)
    )


def is_name(node: Node) -> bool:
    """Say whether a node uses a name of the file, and no attribute's or argument's."""
    if node.type != "identifier":
        return False
    parent = node.parent
    if parent is None or parent.type not in {"attribute", "keyword_argument"}:
        return True
    field = "object" if parent.type == "attribute" else "value"
    return parent.child_by_field_name(field) == node


def _atom(group: tuple[bytes, ...], name: Node) -> Atom:
    words = b" ".join(text_of(name).split())
    alias = name.child_by_field_name("alias")
    bound = text_of(alias) if alias is not None else words.partition(b".")[0]
    return Atom((*group, words), words, bound)


def _form(node: Node, names: list[Node]) -> Form | None:
    text = text_of(node)
    opened = next((child for child in node.children if child.type == "("), None)
    brackets = (b"(", b")")
    if opened is None:
        begin = names[0].start_byte - node.start_byte
        if b"\\" in text[:begin]:
            return None
        return Form(start=text[:begin], brackets=brackets, body=text[begin:])
    if b"\\" in text:
        return None
    begin = opened.start_byte - node.start_byte
    return Form(
        start=text[:begin], brackets=brackets, opening=b"(", body=text[begin + 1 : -1], tail=b")"
    )
