"""Where a new name or statement goes: in its place, if the others are sorted by anything."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from typing import Any

from .words import Atom, Statement

Key = Callable[[bytes], Any]


def _by_case(name: bytes) -> tuple[int, bytes]:
    """Constants, classes, the rest: as isort and ruff do by default."""
    is_constant = name.isupper() and len(name) > 1
    return (0 if is_constant else 1 if name[:1].isupper() else 2, name)


_NAME_KEYS: tuple[Key, ...] = (
    lambda name: name,
    bytes.lower,
    _by_case,
    lambda name: (_by_case(name)[0], name.lower()),
    lambda name: name.replace(b"_", b"").lower(),
)


def place_of_atom(atom: Atom, among: Sequence[Atom], source: Sequence[Atom]) -> int:
    """The place of a name in a list; `source` is the list that it comes from."""
    words = [_name(each) for each in among]
    for key in _NAME_KEYS:
        keys = [key(word) for word in words]
        if len(keys) > 1 and _is_sorted(keys):
            return bisect(keys, key(_name(atom)))
    places = {each.identity: at for at, each in enumerate(among)}
    own = source.index(atom)
    if own and source[own - 1].identity in places:
        return places[source[own - 1].identity] + 1
    below = (places[each.identity] for each in source[own + 1 :] if each.identity in places)
    return next(below, len(among))


def place_of_statement(
    new: Statement, run: Sequence[Statement], *, beside: Sequence[Statement]
) -> int | None:
    """The place of a statement among those of a block, if they are sorted by anything.

    `beside` are those around it where it comes from: they must be sorted likewise.
    """
    if len(run) < 2:  # noqa: PLR2004  one is sorted by everything
        return None
    for key in (_by_text, _by_text_lower, _by_source, _by_kind_and_source):
        keys = [key(each) for each in run]
        if _is_sorted(keys) and _is_sorted([key(each) for each in beside]):
            return bisect(keys, key(new))
    return None


def _is_sorted(keys: list[Any]) -> bool:
    return keys == sorted(keys)


def _name(atom: Atom) -> bytes:
    return atom.text.removeprefix(b"type ").removeprefix(b"self::")


def _by_text(statement: Statement) -> bytes:
    return b" ".join(statement.text).strip().rstrip(b";")


def _by_text_lower(statement: Statement) -> bytes:
    return _by_text(statement).lower()


def _by_source(statement: Statement) -> tuple[bytes, ...]:
    return tuple(word.lower() for word in statement.group[1:])


def _by_kind_and_source(statement: Statement) -> tuple[bool, tuple[bytes, ...]]:
    return (statement.group[0] != b"import", _by_source(statement))
