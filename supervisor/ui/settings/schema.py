"""What keys there are: the settings' own, and those of tables that people name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args, get_origin

from pydantic import BaseModel

from .layers import KeyPath


def fields(model: type[BaseModel], above: KeyPath = ()) -> Iterable[tuple[KeyPath, object]]:
    """Every setting with its type; those in tables with names of people's have no fixed place."""
    for field, info in model.model_fields.items():
        name, kind = info.alias or field, info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields(kind, (*above, name))
        elif get_origin(kind) is not dict:
            yield (*above, name), kind


def keys_of(model: type[BaseModel], table: KeyPath) -> list[str]:
    """The keys that may stand in a table; empty where it has none but people's own."""
    kind: object = model
    for name in table:
        kind = _below(kind, name)
    return _keys(kind)


def _below(kind: object, name: str) -> object:
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return None
    named = {info.alias or field: info for field, info in kind.model_fields.items()}
    return named[name].annotation if name in named else None


def _keys(kind: object) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [info.alias or field for field, info in kind.model_fields.items()]
    return []
