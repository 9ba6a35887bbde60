"""JavaScript, TypeScript and TSX, as they are outlined."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .grammar import SIGNATURE_CHARS_MAX, Grammar, descendants, field, named, run_before, text_of
from .words import Atom, Parameter, Signature

_FUNCTIONS = "[(arrow_function) (function_expression) (generator_function)]"
_BOTH = f"""
[(function_declaration) (generator_function_declaration)] @function
(variable_declarator name: (identifier) value: {_FUNCTIONS}) @function
(assignment_expression left: (member_expression) right: {_FUNCTIONS}) @function
(pair key: (property_identifier) value: {_FUNCTIONS}) @function
(method_definition) @function
(class_declaration) @class
(class) @class
[(import_statement) (export_statement source: (string))] @import
(variable_declarator value: (call_expression function: (identifier) @member
  arguments: (arguments . (string) .)) (#eq? @member "require")) @import
[(call_expression) (new_expression)] @call
[(identifier) (shorthand_property_identifier)] @name
(function_declaration name: (identifier) @member)
(generator_function_declaration name: (identifier) @member)
(export_specifier alias: (identifier) @member)
(variable_declarator name: (identifier) @binding)
(shorthand_property_identifier_pattern) @binding
(pair_pattern value: (identifier) @binding)
(array_pattern (identifier) @binding)
(rest_pattern (identifier) @binding)
(object_assignment_pattern left: (_) @binding)
(for_in_statement left: (identifier) @binding)
(function_expression name: (identifier) @local)
(arrow_function parameter: (identifier) @local)
(catch_clause parameter: (identifier) @local)
"""
_JAVASCRIPT = f"""
{_BOTH}
(field_definition property: (_) value: {_FUNCTIONS}) @function
(class_declaration name: (identifier) @member)
(formal_parameters (identifier) @local)
(formal_parameters (assignment_pattern left: (identifier) @local))
"""
_TYPESCRIPT = f"""
{_BOTH}
(public_field_definition name: (_) value: {_FUNCTIONS}) @function
[(function_signature) (method_signature) (abstract_method_signature)] @function
(abstract_class_declaration) @class
(interface_declaration) @interface
(type_alias_declaration) @type
(enum_declaration) @enum
(internal_module) @namespace
(type_identifier) @name
(class_declaration name: (type_identifier) @member)
(abstract_class_declaration name: (type_identifier) @member)
(interface_declaration name: (type_identifier) @member)
(type_alias_declaration name: (type_identifier) @member)
(enum_declaration name: (identifier) @member)
(required_parameter pattern: (identifier) @local)
(optional_parameter pattern: (identifier) @local)
(type_parameter name: (type_identifier) @local)
(nested_type_identifier name: (type_identifier) @member)
"""
_DEFAULTS = {"assignment_pattern", "optional_parameter"}


def _name(node: Node) -> str:
    found = next(
        (field(node, name) for name in ("name", "left", "key", "property") if field(node, name)),
        None,
    )
    return text_of(found)


def _outer(node: Node) -> Node:
    """The statement around a definition: `export`, `const x = ...`, with its decorators."""
    parent = node.parent
    while parent is not None and parent.type in {
        "export_statement",
        "lexical_declaration",
        "variable_declaration",
        "expression_statement",
    }:
        if len(list(named(parent, "variable_declarator"))) > 1:
            break
        node, parent = parent, parent.parent
    return node


def _span(node: Node) -> tuple[Node, Node]:
    outer = _outer(node)
    return (next(iter(run_before(outer, "decorator")), outer), outer)


def _decorators(node: Node) -> tuple[str, ...]:
    found = (*named(node, "decorator"), *run_before(_outer(node), "decorator"))
    return tuple(text_of(one) for one in found)


def _signature(node: Node) -> Signature | None:
    value = next((field(node, name) for name in ("value", "right") if field(node, name)), None)
    holder = value if value is not None and field(node, "parameters") is None else node
    listed = field(holder, "parameters")
    single = field(holder, "parameter")
    if listed is None and single is None:
        return None
    returned = text_of(field(holder, "return_type")).removeprefix(":").strip()
    text = text_of(listed, chars_max=SIGNATURE_CHARS_MAX) if listed else f"({text_of(single)})"
    kinds = {one.type for one in named(listed)} if listed else set()
    patterns = {
        pattern.type
        for one in (named(listed) if listed else ())
        if (pattern := field(one, "pattern")) is not None
    }
    parameters = tuple(_parameters(listed)) if listed else (Parameter(name=text_of(single)),)
    words = {child.type for child in (*node.children[:3], *holder.children[:2])}
    leading = "".join(
        f"{word} " for word in ("static", "async", "get", "set", "*") if word in words
    )
    return Signature(
        text=f"{leading}{text}" + (f": {returned}" if returned else ""),
        parameters=parameters,
        # Without types, who gives less gives undefined, and who gives more is not heard.
        takes_more="rest_pattern" in kinds | patterns,
    )


def _parameters(listed: Node) -> Iterator[Parameter]:
    for child in listed.named_children:
        pattern = field(child, "pattern") or child
        if child.type in {"comment", "decorator"} or pattern.type in {"rest_pattern", "this"}:
            continue
        has_default = child.type in _DEFAULTS or field(child, "value") is not None
        is_typed = child.type == "required_parameter"
        yield Parameter(
            name=text_of(pattern if is_typed else field(child, "left") or pattern),
            is_required=not has_default,
        )


def _atoms(node: Node) -> tuple[Atom, ...]:
    if node.type == "variable_declarator":
        return tuple(_required(node))
    source = field(node, "source") or next(descendants(node, "string"), None)
    module = text_of(source).strip("'\"`")
    if node.type == "export_statement":
        return tuple(_exported(node, module))
    kind = "type" if any(child.type in {"type", "typeof"} for child in node.children[:2]) else ""
    found = list(_imported(node, module, kind))
    return tuple(found) or (Atom(module=module, kind="side effect"),)


def _imported(node: Node, module: str, kind: str) -> Iterator[Atom]:
    for clause in named(node, "import_clause", "import_require_clause"):
        for child in clause.named_children:
            match child.type:
                case "identifier" if clause.type == "import_require_clause":
                    yield Atom(module=module, name="*", alias=text_of(child), kind="require")
                case "identifier":
                    yield Atom(module=module, name="default", alias=text_of(child), kind=kind)
                case "namespace_import":
                    yield Atom(
                        module=module, name="*", alias=_name_in(child, "identifier"), kind=kind
                    )
                case "named_imports":
                    for one in named(child, "import_specifier"):
                        yield _specified(one, module, kind)
                case _:
                    pass


def _specified(node: Node, module: str, kind: str) -> Atom:
    is_type = any(child.type in {"type", "typeof"} for child in node.children[:1])
    name, alias = text_of(field(node, "name")), text_of(field(node, "alias"))
    own = "type" if is_type or kind == "type" else ""
    if kind.endswith("re-export"):
        own = "type re-export" if is_type else kind
    return Atom(module=module, name=name, alias=alias if alias != name else "", kind=own)


def _exported(node: Node, module: str) -> Iterator[Atom]:
    is_type = any(child.type == "type" for child in node.children[:2])
    kind = "type re-export" if is_type else "re-export"
    clause = next(named(node, "export_clause"), None)
    if clause is not None:
        for one in named(clause, "export_specifier"):
            yield _specified(one, module, kind)
        return
    spaces = next(named(node, "namespace_export"), None)
    alias = _name_in(spaces, "identifier") if spaces is not None else ""
    yield Atom(module=module, name="*", alias=alias, kind=kind)


def _required(node: Node) -> Iterator[Atom]:
    module = text_of(next(descendants(node, "string"), None)).strip("'\"`")
    target = field(node, "name")
    if target is None or target.type == "identifier":
        yield Atom(module=module, name="*", alias=text_of(target), kind="require")
        return
    for child in target.named_children:
        if child.type == "pair_pattern":
            name, alias = text_of(field(child, "key")), text_of(field(child, "value"))
            yield Atom(module=module, name=name, alias=alias, kind="require")
        elif child.type == "shorthand_property_identifier_pattern":
            yield Atom(module=module, name=text_of(child), kind="require")


def _name_in(node: Node, kind: str) -> str:
    return text_of(next(descendants(node, kind), None))


def _statement_name(node: Node) -> str:
    declared = next(descendants(node, "variable_declarator", levels=2), None)
    if declared is not None:
        return text_of(field(declared, "name"))
    assigned = next(descendants(node, "assignment_expression", levels=1), None)
    return text_of(field(assigned, "left")) if assigned is not None else ""


def _grammar(query: str) -> Grammar:
    return Grammar(
        query=query,
        owners=frozenset({"class", "interface"}),
        name_of=_name,
        span_of=_span,
        decorators_of=_decorators,
        signature_of=_signature,
        atoms_of=_atoms,
        call_of=lambda node: field(node, "function") or field(node, "constructor"),
        statement_name=_statement_name,
    )


JAVASCRIPT = _grammar(_JAVASCRIPT)
TYPESCRIPT = _grammar(_TYPESCRIPT)
