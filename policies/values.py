"""Values as `dataclasses` has them, but made by msgspec: each class costs 12 µs instead of 500.

A process of ours defines some 40 to 400 of them before it can serve, which was half of its start,
and a core copies a value several times an event. To whoever checks types they are dataclasses;
`dataclasses.fields`, `asdict` and `replace` know them, too.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

__all__ = ["dataclass", "field", "is_value_class", "names_of", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    from msgspec.structs import replace

    def dataclass(
        *, slots: bool, frozen: bool = False, kw_only: bool = False, order: bool = False
    ) -> Callable[[type], type]:
        """Make a class a value; `slots` are all that there is, and said for the type checkers."""
        if not slots:
            raise AssertionError("a value without slots is a plain dataclass")
        return functools.partial(_made, frozen=frozen, kw_only=kw_only, order=order)

    def field(*, compare: bool = True, repr: bool = True, **default: Any) -> Any:  # noqa: A002, ANN401  as there
        """A field with a default; what is not compared is not shown either."""
        if compare is not repr:
            raise AssertionError("what is not compared is not shown, and the other way round")
        made = msgspec.field(**default)
        return made if compare else _Beside(made)


_OF_PLAIN_CLASSES = {"__dict__", "__weakref__"}


class _Beside:
    """A field that has no part in what a value is."""

    def __init__(self, made: Any) -> None:  # noqa: ANN401  msgspec's own
        self.made = made


class _Described:
    """What `dataclasses` wants to know of a class, found out when somebody asks."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, _value: object, owner: type) -> object:
        return getattr(_twin(owner), self._name)


class _Value(msgspec.Struct):
    __dataclass_fields__ = _Described()
    __dataclass_params__ = _Described()


def is_value_class(found: object) -> bool:
    """Say whether something is a class of values."""
    return isinstance(found, type) and issubclass(found, _Value)


def names_of(kind: type) -> tuple[str, ...]:
    """The names of a value's fields, in their order."""
    fields: tuple[str, ...] = kind.__struct_fields__  # type: ignore[attr-defined]  # msgspec's
    return fields


def _made(cls: type, *, frozen: bool, kw_only: bool, order: bool) -> type:
    if cls.__bases__ != (object,):
        raise AssertionError(f"{cls.__name__}: a value has no base")
    body = {
        name: what for name, what in vars(cls).items() if name not in {"__dict__", "__weakref__"}
    }
    beside = {name for name, what in body.items() if isinstance(what, _Beside)}
    if beside:
        body |= {name: body[name].made for name in beside}
        names = [name for name in body["__annotations__"] if name not in beside]
        body["__eq__"], body["__hash__"], body["__repr__"] = _by(names)
    return msgspec.StructMeta(
        cls.__name__, (_Value,), body, frozen=frozen, kw_only=kw_only, order=order
    )


def _by(names: list[str]) -> tuple[Any, Any, Any]:
    """Equality, hash and text of a value by some of its fields."""

    def told(self: object) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in names)

    def equals(self: object, other: object) -> bool:
        return type(other) is type(self) and told(self) == told(other)

    def text(self: object) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({shown})"

    return equals, lambda self: hash(told(self)), text


@functools.cache
def _twin(kind: type) -> type:
    """The dataclass that a class of values would be."""
    fields = [(name, Any, dataclasses.field(kw_only=True)) for name in names_of(kind)]
    return dataclasses.make_dataclass(kind.__name__, fields)
