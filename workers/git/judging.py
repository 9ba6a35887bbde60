"""What is said of a merge: its conflicts explained, and a clean one doubted.

`judge` reads the versions that it needs in a bounded number of git commands, and gives them to the
pure functions of `merging/`. It never raises for what stands in a file: git's own refusals alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from ..merging.explain import explain
from ..messages.merging import CONFLICTS_MAX, Conflict, Finding
from ..messages.rules import Strategy
from .changed import Change, changed, merge_base
from .commands import Commands
from .joining import Joined

BUDGET_S = 5.0
FILE_BYTES_MAX = 1_000_000
BYTES_MAX = 64_000_000  # of all versions of all files


class Judged(NamedTuple):
    """What came out: conflicts if git has some, else findings; each at most CONFLICTS_MAX.

    A finding of the rule `not judged` says what was too much for the budget.
    """

    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]


def judge(
    git: Commands,
    *,
    left: str,
    right: str,
    joined: Joined,
    strategy: Strategy = Strategy.ENTITY,
    budget_s: float = BUDGET_S,
) -> Judged:
    """Say what of two commits cannot come together, or probably should not have.

    `joined` is what `join(git, left, right)` made of them. `git` has to see the objects of its tree
    (also in a scratch store). A conflict is explained whatever the strategy; doubts are for
    `entity`; with `file`, every file that both sides changed is a blocking finding.
    """
    deadline = time.monotonic() + budget_s
    if joined.conflicts:
        return Judged(conflicts=_explained(git, joined, deadline), findings=())
    # Doubts by entity come with the readers of languages; until then `entity` says nothing.
    if strategy is not Strategy.FILE:
        return Judged(conflicts=(), findings=())
    base = merge_base(git, left, right)
    ours, theirs = (changed(git, base, side) if base else {} for side in (left, right))
    return Judged(
        conflicts=(),
        findings=_shared(ours, theirs)[:CONFLICTS_MAX] if strategy is Strategy.FILE else (),
    )


def _shared(ours: Mapping[str, Change], theirs: Mapping[str, Change]) -> tuple[Finding, ...]:
    """The files that both sides changed."""
    return tuple(
        Finding(
            rule="same file",
            path=path,
            line=0,
            text="both sides changed this file",
            is_blocking=True,
        )
        for path in sorted(ours.keys() & theirs.keys())
    )


def _explained(git: Commands, joined: Joined, deadline: float) -> tuple[Conflict, ...]:
    conflicts: list[Conflict] = []
    texts = read_blobs(
        git, [side.blob for sides in joined.sides.values() for side in sides.values()]
    )
    for path in joined.conflicts[:CONFLICTS_MAX]:
        kind = joined.kinds.get(path, "contents")
        sides = joined.sides.get(path, {})
        base, left, right = (
            texts.get(sides[stage].blob) if stage in sides else None for stage in (1, 2, 3)
        )
        if time.monotonic() > deadline:
            conflicts.append(Conflict(path=path, kind=kind))
        else:
            conflicts += explain(path, kind, base, left, right)
    return tuple(conflicts[:CONFLICTS_MAX])


def read_blobs(git: Commands, names: list[str]) -> dict[str, bytes]:
    """The contents of blobs; those that are too big, or no blobs, are left out."""
    wanted = sorted({name for name in names if name.strip("0")})
    if not wanted:
        return {}
    listed = git.run("cat_file", "--batch-check", stdin="\n".join(wanted).encode() + b"\n").out
    small = []
    total = 0
    for line in listed.decode("ascii", "replace").splitlines():
        name, _, about = line.partition(" ")
        kind, _, size = about.partition(" ")
        if kind != "blob" or int(size) > FILE_BYTES_MAX or total + int(size) > BYTES_MAX:
            continue
        total += int(size)
        small.append(name)
    if not small:
        return {}
    return _contents(git.run("cat_file", "--batch", stdin="\n".join(small).encode() + b"\n").out)


def _contents(out: bytes) -> dict[str, bytes]:
    """Read what git-cat-file(1) --batch says: name SP kind SP size LF contents LF."""
    texts = {}
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        name, _, size = out[at:end].decode("ascii").split(" ")
        at = end + 1 + int(size)
        texts[name] = out[end + 1 : at]
        at += 1
    return texts
