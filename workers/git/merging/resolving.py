"""Conflicts that are no contradiction, resolved in a merge's tree: a worktree sees none of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ....policies.values import replace
from ...messages.merging import CONFLICTS_MAX, Resolution
from ...syntax.bounded import reading_for
from ..blobs import read_blobs, write_blobs
from ..commands import Commands, GitRefused
from ..trees import Entry, tree_with
from .joining import Joined, Side

FILE_BYTES_MAX = 1_000_000
BUDGET_S = 5.0  # for the parsing of all files of a merge; what is left then stays a conflict
_BASE, _LEFT, _RIGHT = 1, 2, 3
_TOO_MANY = 128  # git-merge-file's exit code is the number of conflicts, up to 127


def resolved(
    git: Commands, joined: Joined, *, is_verified: bool = True
) -> tuple[Joined, tuple[Resolution, ...]]:
    """The merge without the paths that could be resolved, and how each of them was.

    A path is resolved as a whole or not at all; one whose mode or name is in question never is.
    `is_verified`: commands will be run on it.
    """
    candidates = {path: sides for path in joined.conflicts if (sides := _contents(joined, path))}
    if not candidates or len(joined.conflicts) > CONFLICTS_MAX:
        return joined, ()
    names = [side.blob for sides in candidates.values() for side in sides.values()]
    blobs = read_blobs(git, names, bytes_max=FILE_BYTES_MAX)
    texts: dict[str, bytes] = {}
    end_s = time.monotonic() + BUDGET_S
    resolutions: list[Resolution] = []
    for path, sides in candidates.items():
        versions = [blobs.get(sides[stage].blob) for stage in (_LEFT, _BASE, _RIGHT)]
        with reading_for(end_s - time.monotonic()):
            done = _reconciled(git, path, versions, is_verified=is_verified)
        if done is not None:
            texts[path], how = done
            resolutions.append(Resolution(path=path, how=how))
    if not texts:
        return joined, ()
    return _without(git, joined, texts), tuple(resolutions)


def _contents(joined: Joined, path: str) -> Mapping[int, Side] | None:
    """The three versions of a path, if nothing but its contents are in question."""
    sides = joined.sides.get(path, {})
    is_whole = sorted(sides) == [_BASE, _LEFT, _RIGHT]
    modes = {side.mode for side in sides.values()}
    # A name that is no UTF-8 is shown with backslashes, and would be another one in a tree.
    is_file = len(modes) == 1 and modes <= {"100644", "100755"} and "\\" not in path
    return sides if is_whole and is_file and joined.kinds.get(path) == "contents" else None


def _reconciled(
    git: Commands, path: str, versions: list[bytes | None], *, is_verified: bool
) -> tuple[bytes, str] | None:
    # Most integrators never come here: grammars are loaded by the first conflict.
    from ...merging.reconcile import reconcile  # noqa: PLC0415

    texts = [text for text in versions if text is not None and b"\0" not in text]
    if len(texts) < len(versions):
        return None
    left, _, right = texts
    done = reconcile(path, _marked(git, texts), left=left, right=right, is_verified=is_verified)
    return None if done is None else (done.text, done.how)


def _marked(git: Commands, versions: list[bytes]) -> bytes:
    """The three versions (left, base, right) as one, with markers where they conflict."""
    from ...merging.regions import MARKER_SIZE  # noqa: PLC0415  as above

    with tempfile.TemporaryDirectory(prefix="prd-supervise-") as folder:
        paths = [Path(folder, name) for name in ("left", "base", "right")]
        for path, text in zip(paths, versions, strict=True):
            path.write_bytes(text)
        size = f"--marker-size={MARKER_SIZE}"
        answer = git.ask("merge_file", "-p", "-q", "--diff3", size, *map(str, paths))
    if not 0 <= answer.status < _TOO_MANY:
        raise GitRefused(f"git merge-file: exit {answer.status}: {answer.err.strip()}")
    return answer.out


def _without(git: Commands, joined: Joined, texts: Mapping[str, bytes]) -> Joined:
    """The same merge in which these paths have these contents and conflict no more."""
    blobs = write_blobs(git, list(texts.values()))
    entries = [
        (path, Entry(mode=joined.sides[path][_LEFT].mode, blob=blob))
        for path, blob in zip(texts, blobs, strict=True)
    ]
    return replace(
        joined,
        tree=tree_with(git, joined.tree, entries),
        sides={path: sides for path, sides in joined.sides.items() if path not in texts},
        kinds={path: kind for path, kind in joined.kinds.items() if path not in texts},
    )
