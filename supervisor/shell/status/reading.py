"""Reading what a root says of itself, also one of another version."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct, ValidationError
from msgspec.structs import FieldInfo, fields

from .changes import Change
from .document import SCHEMA_VERSION, StatusDocument


def document_from(told: object) -> StatusDocument:
    """The document; of one that is not quite as we know it, what can be understood."""
    try:
        return msgspec.convert(told, StatusDocument)
    except ValidationError:
        found = _partly(told, StatusDocument)
        return found if isinstance(found, StatusDocument) else StatusDocument()


def change_from(told: object) -> Change:
    """A change of it, likewise."""
    try:
        return msgspec.convert(told, Change)
    except ValidationError:
        found = _partly(told, Change)
        return found if isinstance(found, Change) else Change(at=0.0)


def newer_version(document: StatusDocument) -> str:
    """Say that a root of a newer version has told this, and what follows; else nothing."""
    if document.schema_version <= SCHEMA_VERSION:
        return ""
    return (
        f"root speaks status version {document.schema_version}, this command {SCHEMA_VERSION}: "
        "what it does not know is not shown; install the version that root has"
    )


def _partly(told: object, kind: Any) -> Any:  # noqa: ANN401  any type of ours
    """The value as this type, or NODEFAULT; types are ours, and none holds itself."""
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _struct(told, kind)
    if origin is tuple and isinstance(told, list | tuple):
        items = (_partly(each, parts[0]) for each in told)
        return tuple(each for each in items if each is not NODEFAULT)
    if origin in {Union, UnionType} and told is not None:
        inner = next(part for part in parts if part is not NoneType)
        return _partly(told, inner)
    try:
        return msgspec.convert(told, kind)
    except ValidationError:
        return NODEFAULT


def _struct(told: object, kind: type[Struct]) -> object:
    if not isinstance(told, dict):
        return NODEFAULT
    found: dict[str, object] = {}
    for each in fields(kind):
        value = told.get(each.encode_name, NODEFAULT)
        value = value if value is NODEFAULT else _partly(value, each.type)
        if value is not NODEFAULT:
            found[each.name] = value
        elif _is_required(each):
            return NODEFAULT
    return kind(**found)


def _is_required(each: FieldInfo) -> bool:
    return each.default is NODEFAULT and each.default_factory is NODEFAULT
