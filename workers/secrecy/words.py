"""Words of a process of ours, with their texts for people changed and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

_Word = TypeVar("_Word")

# What a supervisor goes by: ids, commits, names of refs and places of ours. All else is for people.
_GONE_BY = frozenset(
    "prd_id story_id request event kind stage attempt branch base head onto commit tree ref "
    "worktree document copy copies left given merged kept by side stories done into "
    "checkout folder remote command commands stamp fingerprint instead".split()
)
_PLACES = frozenset({("PrdCopy", "path")})


def with_texts(word: _Word, change: Callable[[str], str]) -> _Word:
    """Give the word with each text for people as `change` makes it, in whatever it holds, too."""
    changed = _changed(word, change)
    return changed if isinstance(changed, type(word)) else word


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value) if type(value) is str else value
    if isinstance(value, tuple):
        return tuple(_changed(each, change) for each in value)
    if not isinstance(value, msgspec.Struct):
        return value
    values = msgspec.structs.asdict(value)
    texts = {
        name: new
        for name, old in values.items()
        if not _is_gone_by(type(value).__name__, name) and (new := _changed(old, change)) != old
    }
    return type(value)(**values | texts) if texts else value


def _is_gone_by(kind: str, field: str) -> bool:
    return field in _GONE_BY or (kind, field) in _PLACES
