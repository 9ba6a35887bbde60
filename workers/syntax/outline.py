"""The outline of a text: what it defines, imports, calls and reads, with lines.

Nothing here recurses over a tree, and tree-sitter's queries are not asked about a text that is
mostly unreadable: there they need quadratic time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cache

from tree_sitter import Node, Query, QueryCursor, Tree

from . import ecma, python, rust
from .arguments import read_call
from .bounded import TooSlowError
from .grammar import Grammar, text_of
from .languages import Language
from .parsing import parse, tree_language
from .words import Entity, Import, Outline, Statement

BYTES_MAX = 1_000_000
_NODES_MAX = 400_000  # each costs time and memory; an ordinary megabyte has about as many
_LEVELS_MAX = 1_000  # a query needs quadratic time for a chain of calls, which is a level a call
_ERROR_NODES_MAX = 20_000  # that are looked at to find the errors of a text
_ERROR_WIDTH_MAX = 500  # children of one error: more, and the text is of another language
_ERRORS_MAX = 50
_DEPTH_MAX = 12  # of definitions in definitions
_KINDS = (
    *("function", "class", "interface", "type", "enum", "namespace"),
    *("struct", "union", "trait", "impl", "module", "constant", "macro"),
)
_GRAMMARS = {
    Language.PYTHON: python.GRAMMAR,
    Language.RUST: rust.GRAMMAR,
    Language.JAVASCRIPT: ecma.JAVASCRIPT,
    Language.TYPESCRIPT: ecma.TYPESCRIPT,
    Language.TSX: ecma.TYPESCRIPT,
}


def outline(language: Language, text: bytes) -> Outline | None:
    """Read a text; None if it is too big, too slow, or so broken that nothing can be said of it.

    A text that is broken in places has these in `errors`.
    """
    if len(text) > BYTES_MAX:
        return None
    try:
        tree = parse(language, text)
    except TooSlowError:
        return None
    if tree.root_node.descendant_count > _NODES_MAX:
        return None
    errors = _errors(tree)
    if errors is None:
        return None
    grammar = _GRAMMARS[language]
    cursor = QueryCursor(_query(language))
    cursor.set_max_start_depth(_LEVELS_MAX)
    captured = cursor.captures(tree.root_node)
    nesting = _Nesting(grammar, captured)
    imports = tuple(_imports(grammar, captured.get("import", []), nesting))
    calls = [
        call
        for node in captured.get("call", [])
        if (call := read_call(grammar, node, nesting.owner_of(node))) is not None
    ]
    bindings, inner = _bound(captured, nesting, imports)
    return Outline(
        language=language,
        entities=nesting.entities,
        statements=tuple(_statements(grammar, tree.root_node, captured)),
        imports=imports,
        calls=tuple(calls),
        bindings=bindings,
        locals=inner,
        uses=_uses(captured),
        errors=errors,
    )


@cache
def _query(language: Language) -> Query:
    return Query(tree_language(language), _GRAMMARS[language].query)


def _errors(tree: Tree) -> tuple[tuple[int, int], ...] | None:
    """The lines of what cannot be read; None if that is too much."""
    if tree.root_node.type == "ERROR":
        return None
    found: list[tuple[int, int]] = []
    cursor = tree.walk()
    for _ in range(_ERROR_NODES_MAX):
        node = cursor.node
        if node is None:
            return None
        if node.is_error or node.is_missing:
            if node.child_count > _ERROR_WIDTH_MAX or len(found) == _ERRORS_MAX:
                return None
            found.append(_lines(node))
        if node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tuple(found)
    return None


def _lines(first: Node, last: Node | None = None) -> tuple[int, int]:
    end = (last or first).end_point
    # A statement that ends with its line's end ends on that line.
    row = end.row if end.column or end.row == first.start_point.row else end.row - 1
    return (first.start_point.row + 1, row + 1)


class _Nesting:
    """Definitions within definitions, and what a place in the text belongs to."""

    def __init__(self, grammar: Grammar, captured: Mapping[str, list[Node]]) -> None:
        spans = sorted(
            {
                (node.start_byte, -node.end_byte): (node, kind)
                for kind in _KINDS
                for node in captured.get(kind, [])
            }.items()
        )
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._parents: list[int] = []
        found: list[Entity] = []
        open_: list[int] = []
        for (start, end), (node, kind) in spans:
            while open_ and self._ends[open_[-1]] <= start:
                open_.pop()
            if len(open_) == _DEPTH_MAX:
                continue
            parent = open_[-1] if open_ else -1
            entity = _entity(grammar, node, kind, found[parent] if open_ else None)
            self._starts.append(start)
            self._ends.append(-end)
            self._parents.append(parent)
            open_.append(len(found))
            found.append(entity)
        self._found = found
        self.entities = tuple(sorted(found, key=lambda entity: (entity.first, -entity.last)))

    def holder_of(self, node: Node) -> Entity | None:
        """The innermost definition around a node, not itself."""
        index = bisect_right(self._starts, node.start_byte) - 1
        while index >= 0 and (
            self._ends[index] <= node.start_byte
            or (self._starts[index] == node.start_byte and self._ends[index] == node.end_byte)
        ):
            index = self._parents[index]
        return self._found[index] if index >= 0 else None

    def owner_of(self, node: Node) -> str:
        """Its name; empty for the module."""
        holder = self.holder_of(node)
        return holder.qualified if holder is not None else ""


def _entity(grammar: Grammar, node: Node, kind: str, owner: Entity | None) -> Entity:
    name = grammar.name_of(node)
    first, last = grammar.span_of(node)
    lines = _lines(first, last)
    is_method = kind == "function" and owner is not None and owner.kind in grammar.owners
    prefix = f"{owner.qualified}{grammar.separator}" if owner is not None else ""
    return Entity(
        kind="method" if is_method else kind,
        name=name,
        owner=owner.qualified if owner is not None else "",
        qualified=prefix + name,
        first=lines[0],
        last=lines[1],
        signature=grammar.signature_of(node) if kind == "function" else None,
        decorators=grammar.decorators_of(node),
    )


def _imports(grammar: Grammar, nodes: Iterable[Node], nesting: _Nesting) -> Iterable[Import]:
    for node in sorted(nodes, key=lambda node: node.start_byte):
        first, last = _lines(node)
        atoms = grammar.atoms_of(node)
        holder = nesting.holder_of(node)
        yield Import(first=first, last=last, atoms=atoms, is_local=holder is not None)


def _bound(
    captured: Mapping[str, list[Node]], nesting: _Nesting, imports: tuple[Import, ...]
) -> tuple[Mapping[str, int], frozenset[str]]:
    """The names of the module with their lines, and all that is bound further in."""
    bindings: dict[str, int] = {}
    inner: set[str] = {text_of(node) for node in captured.get("local", [])}
    for node in captured.get("binding", []):
        name = text_of(node)
        holder = nesting.holder_of(node)
        if holder is None or (not holder.owner and holder.name == name):
            bindings.setdefault(name, node.start_point.row + 1)
        else:
            inner.add(name)
    for entity in nesting.entities:
        if entity.owner:
            inner.add(entity.name)
        else:
            bindings.setdefault(entity.name, entity.first)
    for statement in imports:
        for atom in statement.atoms:
            if atom.local and not atom.kind.endswith("re-export"):
                if statement.is_local:
                    inner.add(atom.local)
                else:
                    bindings.setdefault(atom.local, statement.first)
    return bindings, frozenset(inner)


def _uses(captured: Mapping[str, list[Node]]) -> Mapping[str, tuple[int, ...]]:
    passed = {
        node.start_byte
        for kind in ("member", "binding", "local")
        for node in captured.get(kind, [])
    }
    spans = sorted((node.start_byte, node.end_byte) for node in captured.get("import", []))
    starts = [start for start, _ in spans]
    found: dict[str, list[int]] = {}
    for node in captured.get("name", []):
        place = node.start_byte
        index = bisect_right(starts, place) - 1
        if place in passed or (index >= 0 and place < spans[index][1]):
            continue
        lines = found.setdefault(text_of(node), [])
        line = node.start_point.row + 1
        if not lines or lines[-1] != line:
            lines.append(line)
    return {name: tuple(sorted(lines)) for name, lines in found.items()}


def _statements(
    grammar: Grammar, root: Node, captured: Mapping[str, list[Node]]
) -> Iterable[Statement]:
    imports = {node.start_point.row for node in captured.get("import", [])}
    for node in root.named_children:
        if "comment" in node.type:
            continue
        first, last = _lines(node)
        is_import = node.start_point.row in imports
        name = "" if is_import else grammar.statement_name(node)
        yield Statement(first=first, last=last, name=name, is_import=is_import)
