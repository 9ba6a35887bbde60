"""Python, as it is outlined."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .grammar import SIGNATURE_CHARS_MAX, Grammar, field, named, text_of
from .words import Atom, Parameter, Signature

_QUERY = """
(function_definition) @function
(class_definition) @class
[(import_statement) (import_from_statement) (future_import_statement)] @import
(call) @call
(identifier) @name
(attribute attribute: (identifier) @member)
(keyword_argument name: (identifier) @member)
(function_definition name: (identifier) @member)
(class_definition name: (identifier) @member)
(global_statement (identifier) @member)
(nonlocal_statement (identifier) @member)
(assignment left: (identifier) @binding)
(pattern_list (identifier) @binding)
(tuple_pattern (identifier) @binding)
(list_pattern (identifier) @binding)
(list_splat_pattern (identifier) @binding)
(dictionary_splat_pattern (identifier) @binding)
(named_expression name: (identifier) @binding)
(for_statement left: (identifier) @binding)
(for_in_clause left: (identifier) @binding)
(as_pattern_target (identifier) @binding)
(type_alias_statement left: (type (identifier) @binding))
(parameters (identifier) @local)
(lambda_parameters (identifier) @local)
(default_parameter name: (identifier) @local)
(typed_parameter (identifier) @local)
(typed_default_parameter name: (identifier) @local)
(case_pattern (dotted_name . (identifier) @local .))
"""
_STATIC = "staticmethod"


def _decorated(node: Node) -> Node | None:
    parent = node.parent
    return parent if parent is not None and parent.type == "decorated_definition" else None


def _span(node: Node) -> tuple[Node, Node]:
    return (_decorated(node) or node, node)


def _decorators(node: Node) -> tuple[str, ...]:
    outer = _decorated(node)
    if outer is None:
        return ()
    return tuple(text_of(child).removeprefix("@") for child in named(outer, "decorator"))


def _signature(node: Node) -> Signature | None:
    listed = field(node, "parameters")
    if listed is None:
        return None
    decorators = _decorators(node)
    returned = text_of(field(node, "return_type"))
    is_async = "async " if any(child.type == "async" for child in node.children[:1]) else ""
    parts = (*(f"@{one} " for one in decorators), is_async)
    text = "".join(parts) + text_of(listed, chars_max=SIGNATURE_CHARS_MAX)
    parameters = tuple(_parameters(listed))
    kinds = {child.type for child in listed.named_children} | {
        grandchild.type
        for child in named(listed, "typed_parameter")
        for grandchild in child.named_children
    }
    holder = node.parent if _decorated(node) is None else (_decorated(node) or node).parent
    in_class = holder is not None and holder.parent is not None
    in_class = in_class and holder is not None and field_owner(holder) == "class_definition"
    has_self = in_class and _STATIC not in decorators and bool(parameters)
    return Signature(
        text=f"{text} -> {returned}" if returned else text,
        parameters=parameters[1:] if has_self else parameters,
        takes_more="list_splat_pattern" in kinds,
        takes_more_by_name="dictionary_splat_pattern" in kinds,
        has_self=has_self,
    )


def field_owner(block: Node) -> str:
    """What kind of statement a block belongs to."""
    return block.parent.type if block.parent is not None else ""


def _parameters(listed: Node) -> Iterator[Parameter]:
    by_place = True
    found: list[Parameter] = []
    for child in listed.named_children:
        match child.type:
            case "positional_separator":
                found = [
                    Parameter(name=one.name, is_required=one.is_required, by_name=False)
                    for one in found
                ]
            case "keyword_separator" | "list_splat_pattern":
                by_place = False
            case "identifier":
                found.append(Parameter(name=text_of(child), by_place=by_place, by_name=True))
            case "typed_parameter":
                inner = child.named_children[0]
                if inner.type == "identifier":
                    found.append(Parameter(name=text_of(inner), by_place=by_place, by_name=True))
                elif inner.type == "list_splat_pattern":
                    by_place = False
            case "default_parameter" | "typed_default_parameter":
                name = text_of(field(child, "name"))
                found.append(
                    Parameter(name=name, is_required=False, by_place=by_place, by_name=True)
                )
            case _:
                pass
    yield from found


def _atoms(node: Node) -> tuple[Atom, ...]:
    module = "__future__"
    if node.type == "import_statement":
        return tuple(_atom("", child) for child in named(node, "dotted_name", "aliased_import"))
    if node.type == "import_from_statement":
        module = text_of(field(node, "module_name")).replace(" ", "")
        if any(True for _ in named(node, "wildcard_import")):
            return (Atom(module=module, name="*"),)
    return tuple(_atom(module, child) for child in node.children_by_field_name("name"))


def _atom(module: str, node: Node) -> Atom:
    alias = ""
    if node.type == "aliased_import":
        alias = text_of(field(node, "alias"))
        node = field(node, "name") or node
    name = text_of(node).replace(" ", "")
    return Atom(module=module, name=name, alias=alias) if module else Atom(module=name, alias=alias)


def _statement_name(node: Node) -> str:
    inner = node.named_children[0] if node.named_children else node
    if inner.type in {"assignment", "augmented_assignment"}:
        return text_of(field(inner, "left"))
    return ""


GRAMMAR = Grammar(
    query=_QUERY,
    owners=frozenset({"class"}),
    name_of=lambda node: text_of(field(node, "name")),
    span_of=_span,
    decorators_of=_decorators,
    signature_of=_signature,
    atoms_of=_atoms,
    call_of=lambda node: field(node, "function"),
    statement_name=_statement_name,
)
