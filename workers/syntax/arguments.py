"""A call, and whether its arguments fit what is called."""

from __future__ import annotations

from tree_sitter import Node

from .grammar import NAME_CHARS_MAX, Grammar, field, text_of
from .words import Call, Signature

_SPREAD = {"list_splat", "dictionary_splat", "spread_element", "generator_expression"}
_MEMBERS = {
    "attribute": ("object", "attribute"),
    "member_expression": ("object", "property"),
    "field_expression": ("value", "field"),
    "scoped_identifier": ("path", "name"),
}
_GENERIC = "generic_function"  # Rust's f::<T>(...)


def read_call(grammar: Grammar, node: Node, owner: str) -> Call | None:
    """Read a call; None if what is called has no name."""
    called = grammar.call_of(node)
    if called is not None and called.type == _GENERIC:
        called = field(called, "function")
    if called is None:
        return None
    receiver, name = "", called
    if called.type in _MEMBERS:
        before, after = (field(called, part) for part in _MEMBERS[called.type])
        if after is None:
            return None
        receiver, name = _receiver(before), after
    elif not called.type.endswith("identifier"):
        return None
    arguments = field(node, "arguments")
    listed = arguments.named_children if arguments is not None else []
    given = [one for one in listed if "comment" not in one.type]
    names = [text_of(field(one, "name")) for one in given if one.type == "keyword_argument"]
    return Call(
        name=text_of(name),
        receiver=receiver,
        line=name.start_point.row + 1,
        places=len(given) - len(names),
        names=tuple(names),
        is_open=any(one.type in _SPREAD for one in (*given, arguments or node)),
        owner=owner,
    )


def _receiver(node: Node | None) -> str:
    """What stands before the dot; a chain of calls has no name, and all its beginnings are long."""
    is_name = node is not None and node.end_byte - node.start_byte <= NAME_CHARS_MAX
    return (text_of(node) if is_name else "") or "?"


def fits(signature: Signature, call: Call) -> bool:
    """Say whether a call may be meant for a signature; in doubt it may."""
    if call.is_open:
        return True
    by_place = [one for one in signature.parameters if one.by_place]
    # Who calls by the class gives the object itself.
    places = {call.places}
    if signature.has_self and call.receiver:
        places.add(call.places - 1)
    return any(_fits(signature, call, [one.name for one in by_place], count) for count in places)


def _fits(signature: Signature, call: Call, by_place: list[str], places: int) -> bool:
    if places < 0 or (places > len(by_place) and not signature.takes_more):
        return False
    known = {one.name for one in signature.parameters if one.by_name}
    if not signature.takes_more_by_name and not known.issuperset(call.names):
        return False
    given = {*by_place[:places], *call.names}
    return all(one.name in given for one in signature.parameters if one.is_required)
