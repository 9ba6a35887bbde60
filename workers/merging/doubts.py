"""All doubts about a merge that git finds clean, piece by piece, so that a budget can end it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..messages.merging import Finding
from . import bindings, duplicates, signatures
from .overlap import near
from .versions import File, Side

NEAR = "same entity"


def doubts(files: Sequence[File]) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """Look at the files that a merge brought together: what was looked at, and what was found.

    What both sides changed comes first: there are most of the faults.
    """
    shared = [file for file in files if file.is_shared and file.is_text]
    for file in shared:
        yield file.path, tuple(_of_one(file))
    for side in Side:
        yield from _over_files(files, changer=side)


def _of_one(file: File) -> Iterator[Finding]:
    from .linting import new_faults  # noqa: PLC0415  who merges no Python loads no linter

    for overlap in near(file):
        if not overlap.entity:
            continue  # lists and prose: what stands close there says nothing
        yield Finding(
            rule=NEAR,
            path=file.path,
            line=overlap.right[0],
            text=f"both sides changed {overlap.entity}, within 3 lines of each other",
            entity=overlap.entity,
        )
    yield from new_faults(file)
    yield from duplicates.duplicates(file)
    yield from bindings.undefined(file)


def _over_files(
    files: Sequence[File], *, changer: Side
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """What one side changed, and how the other one newly uses it."""
    users = [file for file in files if file.is_changed_by(changer.other) and file.is_text]
    changes: list[signatures.Changed] = []
    for file in files if users else ():
        if file.is_text and file.is_changed_by(changer) and _is_code(file):
            changes += signatures.changed(file, changer)
            yield file.path, tuple(bindings.unimportable(file, users, remover=changer))
    if not changes:
        return
    known = [file.base for file in files] + [
        file.of(changer.other) for file in users if not file.base
    ]
    rare = signatures.rare_names(known)
    for file in users:
        yield (
            file.path,
            tuple(signatures.broken_calls(changes, file, side=changer.other, rare=rare)),
        )


def _is_code(file: File) -> bool:
    return file.base is not None and file.base.language is not None
