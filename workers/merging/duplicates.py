"""Doubt: both sides added the same name, and the merged file has it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..messages.merging import Finding
from ..syntax.languages import Language
from ..syntax.words import Outline
from .versions import File

RULE = "defined twice"
_MAY_REPEAT = frozenset({"impl", "module", "namespace", "interface"})


def duplicates(file: File) -> Iterator[Finding]:
    """Definitions, and where a language forbids it the names of imports."""
    versions = (file.base, file.left, file.right, file.merged)
    outlines = [version.outline if version is not None else None for version in versions]
    base, left, right, merged = outlines
    if left is None or right is None or merged is None or not merged.is_whole:
        return
    yield from _defined(file.path, (base, left, right), merged)
    if merged.language is not Language.PYTHON:
        yield from _imported(file.path, (base, left, right), merged)


def _defined(
    path: str, others: tuple[Outline | None, Outline, Outline], merged: Outline
) -> Iterator[Finding]:
    base, left, right = others
    for key, found in merged.by_name.items():
        kind, name = key
        if len(found) < 2 or kind in _MAY_REPEAT or not found[0].name:  # noqa: PLR2004
            continue
        # Overloads, setters and what is compiled under a condition are decorated.
        if any(entity.decorators for entity in found):
            continue
        if len(left.by_name.get(key, ())) != 1 or len(right.by_name.get(key, ())) != 1:
            continue
        if base is None or key not in base.by_name:
            yield Finding(
                rule=RULE,
                path=path,
                line=found[-1].first,
                text=f"{kind} {name} is defined in line {found[0].first} too: both sides added it",
                entity=str(found[-1]),
                is_blocking=True,
            )


def _imported(
    path: str, others: tuple[Outline | None, Outline, Outline], merged: Outline
) -> Iterator[Finding]:
    base, left, right = (_locals(one) for one in others)
    for name, count in _locals(merged).items():
        if count > 1 and left[name] == right[name] == 1 and not base[name]:
            line = max(
                statement.first
                for statement in merged.imports
                if not statement.is_local and any(atom.local == name for atom in statement.atoms)
            )
            yield Finding(
                rule=RULE,
                path=path,
                line=line,
                text=f"{name} is imported twice: both sides added it",
                entity="imports",
                is_blocking=True,
            )


def _locals(outline: Outline | None) -> Counter[str]:
    """How often the module's own imports bring each name."""
    statements = outline.imports if outline is not None else ()
    return Counter(
        atom.local
        for statement in statements
        if not statement.is_local
        for atom in statement.atoms
        if atom.local and "re-export" not in atom.kind
    )
