"""Names that git's own merge imports twice, because both sides added the same: once."""

from __future__ import annotations

from itertools import islice

from ....policies.values import replace
from ...messages.merging import Resolution
from ...syntax.languages import Language, language_of
from ..blobs import read_blobs, write_blobs
from ..commands import Commands
from ..trees import entry_at, tree_with
from .changed import sides_of
from .joining import Joined

FILE_BYTES_MAX = 1_000_000
FILES_MAX = 200


def imported_once(
    git: Commands, joined: Joined, *, left: str, right: str
) -> tuple[Joined, tuple[Resolution, ...]]:
    """A clean merge in which no name is imported twice that neither side imports twice."""
    sides = sides_of(git, left, right)
    if sides is None:
        return joined, ()
    _, ours, theirs = sides
    shared = {
        path: language
        for path in sorted(ours.keys() & theirs.keys())
        if (language := language_of(path)) is not None
        and all(side[path].is_text and side[path].blob for side in (ours, theirs))
        and "\\" not in path  # a name that is no UTF-8 would be another one in a tree
        and ours[path].blob != theirs[path].blob
    }
    if not shared:
        return joined, ()
    entries = {path: entry_at(git, joined.tree, path) for path in islice(shared, FILES_MAX)}
    names = [side[path].blob for path in entries for side in (ours, theirs)]
    names += [entry.blob for entry in entries.values() if entry.is_file]
    texts = read_blobs(git, names, bytes_max=FILE_BYTES_MAX)
    better: dict[str, bytes] = {}
    for path, entry in entries.items():
        versions = [texts.get(name) for name in (entry.blob, ours[path].blob, theirs[path].blob)]
        known = [text for text in versions if text is not None]
        if not entry.is_file or len(known) < len(versions):
            continue
        text = _once(shared[path], *known)
        if text is not None:
            better[path] = text
    if not better:
        return joined, ()
    blobs = write_blobs(git, list(better.values()))
    made = [(path, entries[path].holding(blob)) for path, blob in zip(better, blobs, strict=True)]
    resolutions = tuple(Resolution(path=path, how="imports") for path in better)
    return replace(joined, tree=tree_with(git, joined.tree, made)), resolutions


def _once(language: Language, merged: bytes, left: bytes, right: bytes) -> bytes | None:
    """The text with each name imported once; None where nothing is to be done, or not surely."""
    # Grammars are loaded by the first file that both sides changed.
    from ...merging.imports.once import without_doubles  # noqa: PLC0415
    from ...merging.imports.resolve import has_new_error  # noqa: PLC0415

    text = without_doubles(language, merged, left, right)
    if text == merged or has_new_error(language, text, (left, right)):
        return None
    return text
