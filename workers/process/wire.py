"""The form of messages and records: JSON with a kind and a body, never pickle."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TypeGuard

import msgspec

FRAME_BYTES_MAX = 1 << 20


class WireError(ValueError):
    """Bytes that are no message: torn, foreign, or of another version."""


class _Frame(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    body: msgspec.Raw
    at: float = 0.0


def encode(value: object, *, at: float | None = None) -> bytes:
    """Write a value as JSON, with the wall-clock time if it is a record."""
    frame = {"kind": type(value).__name__, "body": value}
    return msgspec.json.encode(frame if at is None else frame | {"at": at})


def decoder(kinds: Iterable[type[msgspec.Struct]]) -> Callable[[bytes], tuple[object, float]]:
    """Make a function that reads what `encode` wrote: the value, and its time or 0.

    It raises WireError for everything that is not one of `kinds`, its fields and types included.
    """
    by_name = {kind.__name__: kind for kind in kinds}

    def decode(data: bytes) -> tuple[object, float]:
        try:
            frame = _frames().decode(data)
            kind = by_name[frame.kind]
            # msgspec passes over what a value does not know.
            if unknown := _fields().decode(frame.body).keys() - kind.__struct_fields__:
                raise WireError(f"not a message: {data[:80]!r}; unknown: {sorted(unknown)}")
            return _bodies(kind).decode(frame.body), frame.at
        except (msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
            raise WireError(f"not a message: {data[:80]!r}; {error}") from error

    return decode


def words_of(module: ModuleType) -> tuple[type[msgspec.Struct], ...]:
    """Every word that a module has."""
    return tuple(each for each in vars(module).values() if _is_word(each))


def _is_word(found: object) -> TypeGuard[type[msgspec.Struct]]:
    is_struct = isinstance(found, type) and issubclass(found, msgspec.Struct)
    return is_struct and found is not msgspec.Struct


@functools.cache
def _frames() -> msgspec.json.Decoder[_Frame]:
    return msgspec.json.Decoder(_Frame)


@functools.cache
def _fields() -> msgspec.json.Decoder[dict[str, msgspec.Raw]]:
    return msgspec.json.Decoder(dict[str, msgspec.Raw])


@functools.cache
def _bodies(kind: type) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(kind)
