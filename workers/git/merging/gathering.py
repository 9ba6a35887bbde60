"""The files that a merge brings together, in all their versions, within bounds."""

from __future__ import annotations

from collections.abc import Mapping

from ...merging.versions import File, Version
from ...syntax.languages import language_of
from ..blobs import read_blobs
from ..commands import Commands
from .changed import BLOB_BYTES_MAX, BYTES_MAX, Change, Changes, changed

FILES_MAX = 2_000


def files_of(
    git: Commands, *, base: str, tree: str, sides: tuple[Changes, Changes]
) -> tuple[list[File], list[str]]:
    """The files that a merge brought together, those first that both sides changed.

    Without a tree there is no merged version. Also what was left out, in words.
    """
    left, right = sides
    shared = [key for key in left if key in right]
    alone = sorted(key for key in left.keys() ^ right.keys() if language_of(key) is not None)
    keys = [key for key in (*sorted(shared), *alone) if _is_text(left, right, key)]
    made = changed(git, base, tree, renames=False) if tree and keys else {}
    wanted = [
        blob
        for key in keys[:FILES_MAX]
        for change in (left.get(key), right.get(key), made.get(_merged_path(left, right, key)))
        if change is not None
        for blob in (change.before, change.blob)
    ]
    texts = read_blobs(git, wanted, bytes_max=BLOB_BYTES_MAX, total_max=BYTES_MAX)
    missing = len({blob for blob in wanted if blob.strip("0")} - texts.keys())
    files = []
    for key in keys[:FILES_MAX]:
        file = _file(
            key, (left.get(key), right.get(key)), _merged_path(left, right, key), made, texts
        )
        if file is not None:
            files.append(file)
    left_out = [f"{missing} versions of files are too big"] if missing else []
    if len(keys) > FILES_MAX:
        left_out.append(f"{len(keys) - FILES_MAX} files are too many")
    return files, left_out


def _is_text(left: Changes, right: Changes, key: str) -> bool:
    return all(side[key].is_text for side in (left, right) if key in side)


def _merged_path(left: Changes, right: Changes, key: str) -> str:
    """Where the merged tree has a file: a side that renamed it wins."""
    paths = [side[key].path for side in (left, right) if key in side and side[key].path]
    return next((path for path in paths if path != key), key)


def _file(
    key: str,
    sides: tuple[Change | None, Change | None],
    path: str,
    made: Changes,
    texts: Mapping[str, bytes],
) -> File | None:
    """None: some version of it was not read."""
    before = next(change.before for change in sides if change is not None)
    # A side that did not change it has what the base has.
    blobs = [before, *(before if change is None else change.blob for change in sides)]
    paths = [key, *(key if change is None else change.path for change in sides)]
    if path in made:
        blobs.append(made[path].blob)
    else:
        blobs.append(before if path == key else "")
    paths.append(path)
    if any(blob and blob not in texts for blob in blobs):
        return None
    versions = [
        Version(at, texts[blob]) if blob else None for at, blob in zip(paths, blobs, strict=True)
    ]
    base, left, right, merged = versions
    return File(path=path, base=base, left=left, right=right, merged=merged)
