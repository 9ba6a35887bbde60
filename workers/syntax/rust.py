"""Rust, as it is outlined."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .grammar import SIGNATURE_CHARS_MAX, Grammar, field, named, run_before, text_of
from .words import Atom, Parameter, Signature

_QUERY = """
[(function_item) (function_signature_item)] @function
(struct_item) @struct
(union_item) @union
(enum_item) @enum
(trait_item) @trait
(impl_item) @impl
(mod_item) @module
(type_item) @type
[(const_item) (static_item)] @constant
(macro_definition) @macro
[(use_declaration) (extern_crate_declaration)] @import
(call_expression) @call
[(identifier) (type_identifier) (shorthand_field_identifier)] @name
(scoped_identifier path: (_) name: (identifier) @member)
(scoped_type_identifier path: (_) name: (type_identifier) @member)
(function_item name: (identifier) @member)
(function_signature_item name: (identifier) @member)
(struct_item name: (type_identifier) @member)
(union_item name: (type_identifier) @member)
(enum_item name: (type_identifier) @member)
(enum_variant name: (identifier) @member)
(trait_item name: (type_identifier) @member)
(mod_item name: (identifier) @member)
(type_item name: (type_identifier) @member)
(const_item name: (identifier) @member)
(static_item name: (identifier) @member)
(macro_definition name: (identifier) @member)
(parameter pattern: (identifier) @local)
(closure_parameters (identifier) @local)
(let_declaration pattern: (identifier) @local)
(tuple_pattern (identifier) @local)
(tuple_struct_pattern (identifier) @local)
(slice_pattern (identifier) @local)
(ref_pattern (identifier) @local)
(mut_pattern (identifier) @local)
(reference_pattern (identifier) @local)
(captured_pattern (identifier) @local)
(match_pattern (identifier) @local)
(for_expression pattern: (identifier) @local)
(field_pattern name: (shorthand_field_identifier) @local)
(type_parameter name: (type_identifier) @local)
(const_parameter name: (identifier) @local)
(token_tree "::" . (identifier) @member)
(token_repetition "::" . (identifier) @member)
"""
_OUTER = "use_declaration"


def _name(node: Node) -> str:
    if node.type != "impl_item":
        return text_of(field(node, "name"))
    target = field(node, "type", "type") or field(node, "type")
    trait = field(node, "trait")
    return f"{text_of(trait)} for {text_of(target)}" if trait is not None else text_of(target)


def _span(node: Node) -> tuple[Node, Node]:
    return (next(iter(run_before(node, "attribute_item")), node), node)


def _attributes(node: Node) -> tuple[str, ...]:
    return tuple(
        text_of(one).removeprefix("#[").removesuffix("]")
        for one in run_before(node, "attribute_item")
    )


def _signature(node: Node) -> Signature | None:
    listed = field(node, "parameters")
    if listed is None:
        return None
    returned = text_of(field(node, "return_type"))
    generic = text_of(field(node, "type_parameters"))
    words = text_of(next(named(node, "function_modifiers"), None))
    text = f"{words} {generic}{text_of(listed, chars_max=SIGNATURE_CHARS_MAX)}".strip()
    has_self = any(True for _ in named(listed, "self_parameter"))
    return Signature(
        text=f"{text} -> {returned}" if returned else text,
        parameters=tuple(
            Parameter(name=text_of(field(child, "pattern"))) for child in named(listed, "parameter")
        ),
        takes_more=any(True for _ in named(listed, "variadic_parameter")),
        has_self=has_self,
    )


def _atoms(node: Node) -> tuple[Atom, ...]:
    is_public = any(True for _ in named(node, "visibility_modifier"))
    kind = "re-export" if is_public else ""
    if node.type != _OUTER:
        name, alias = text_of(field(node, "name")), text_of(field(node, "alias"))
        return (Atom(module="", name=name, alias=alias, kind=kind),)
    argument = field(node, "argument")
    return tuple(_tree(argument, kind)) if argument is not None else ()


def _tree(argument: Node, kind: str) -> Iterator[Atom]:
    """A `use` tree, without recursion: what waits has the path before it."""
    waiting = [(argument, "")]
    while waiting:
        node, path = waiting.pop()
        match node.type:
            case "use_list":
                waiting += [(child, path) for child in reversed(node.named_children)]
            case "scoped_use_list":
                listed = field(node, "list")
                inner = _path(path, text_of(field(node, "path")))
                if listed is not None:
                    waiting.append((listed, inner))
            case "use_as_clause":
                yield _atom(path, text_of(field(node, "path")), text_of(field(node, "alias")), kind)
            case "use_wildcard":
                inside = node.named_children[0] if node.named_children else None
                yield Atom(module=_path(path, text_of(inside)), name="*", kind=kind)
            case "line_comment" | "block_comment":
                pass
            case _:
                yield _atom(path, text_of(node), "", kind)


def _atom(path: str, text: str, alias: str, kind: str) -> Atom:
    whole = path if text == "self" and path else _path(path, text)
    module, _, name = whole.replace(" ", "").rpartition("::")
    return Atom(module=module, name=name, alias=alias if alias != name else "", kind=kind)


def _path(path: str, more: str) -> str:
    return f"{path}::{more}" if path and more else path or more.replace(" ", "")


GRAMMAR = Grammar(
    query=_QUERY,
    owners=frozenset({"impl", "trait"}),
    name_of=_name,
    span_of=_span,
    decorators_of=_attributes,
    signature_of=_signature,
    atoms_of=_atoms,
    call_of=lambda node: field(node, "function"),
    statement_name=lambda node: text_of(field(node, "macro")),
    separator="::",
)
