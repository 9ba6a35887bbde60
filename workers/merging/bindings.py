"""Doubt: one side took a name away that the other one newly uses."""

from __future__ import annotations

from collections.abc import Iterator

from ..messages.merging import Finding
from ..syntax.languages import Language
from ..syntax.words import Atom, Outline
from .links import means
from .passed_over import GIVEN
from .versions import File, Side, Version

RULE = "removed name"


def undefined(file: File) -> Iterator[Finding]:
    """In one file. Python has a linter of its own, which knows its scopes."""
    merged = file.merged.outline if file.merged is not None else None
    base = file.base.outline if file.base is not None else None
    if merged is None or base is None or not merged.is_whole or merged.takes_everything:
        return
    if merged.language is Language.PYTHON:
        return
    for side in Side:
        remover, user = _outlines(file, side)
        if remover is None or user is None or not remover.is_whole:
            continue
        gone = base.bindings.keys() - remover.bindings.keys() - GIVEN
        added = file.added(side.other)
        for name in sorted(gone & user.bindings.keys() & merged.uses.keys()):
            is_bound = name in merged.bindings or name in merged.locals
            if not is_bound and added.intersection(user.uses.get(name, ())):
                yield Finding(
                    rule=RULE,
                    path=file.path,
                    line=merged.uses[name][0],
                    text=f"{name} is used here, and the other side removed it",
                    entity=merged.about(merged.uses[name][0]),
                    is_blocking=True,
                )


def unimportable(file: File, users: list[File], *, remover: Side) -> Iterator[Finding]:
    """Over files: a new import of what the other side removed from the module, or with it."""
    before, after = file.base, file.of(remover)
    if before is None or before.outline is None or not file.is_changed_by(remover):
        return
    lost = _lost(file, before.outline, after)
    if lost is None:
        return
    for user in users:
        version = user.of(remover.other)
        if version is None or version.outline is None or version.path == before.path:
            continue
        for atom, line in _new_atoms(user, version.outline, remover.other):
            outline = version.outline
            if not means(outline.language, version.path, atom.module, before.path):
                continue
            if atom.name in lost or (after is None and atom.name in {"", "*", "default"}):
                what = atom.name if atom.name in lost else atom.module
                yield Finding(
                    rule=RULE,
                    path=user.path,
                    line=line,
                    text=f"{what} is imported here, and the other side removed it from {file.path}",
                    entity="imports",
                    is_blocking=True,
                )


def _lost(file: File, base: Outline, after: Version | None) -> frozenset[str] | None:
    """The names that a module no longer has; None if that cannot be told."""
    if after is None:
        return frozenset(base.bindings) if file.merged is None else None
    outline, merged = after.outline, file.merged.outline if file.merged is not None else None
    for one in (outline, merged):
        if one is None or not one.is_whole or one.takes_everything or "__getattr__" in one.bindings:
            return None
    if outline is None or merged is None:
        return None
    exported = {atom.local for one in (outline, merged) for atom in one.atoms}
    return frozenset(
        base.bindings.keys() - outline.bindings.keys() - merged.bindings.keys() - exported
    )


def _new_atoms(user: File, outline: Outline, side: Side) -> Iterator[tuple[Atom, int]]:
    """Imports that a side wrote, with their lines."""
    base = user.base.outline if user.base is not None else None
    known = set(base.atoms) if base is not None else set()
    if user.base is not None and base is None:
        return
    added = user.added(side)
    for statement in outline.imports:
        if added.isdisjoint(range(statement.first, statement.last + 1)):
            continue
        yield from ((atom, statement.first) for atom in statement.atoms if atom not in known)


def _outlines(file: File, side: Side) -> tuple[Outline | None, Outline | None]:
    one, other = file.of(side), file.of(side.other)
    return (one.outline if one is not None else None, other.outline if other is not None else None)
