"""What is said of a merge: its conflicts explained, and a clean one doubted.

`judge` reads the versions that it needs in a bounded number of git commands, and gives them to the
pure functions of `merging/`. It never raises for what stands in a file: git's own refusals alone.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from ...messages.merging import CONFLICTS_MAX, NOT_JUDGED, Conflict, Finding
from ...messages.rules import Strategy
from ...syntax.bounded import reading_for
from ...syntax.languages import language_of
from ..blobs import read_blobs
from ..commands import Commands
from ..standstill import announce
from .changed import BLOB_BYTES_MAX, BYTES_MAX, Changes, sides_of, with_moves
from .joining import Joined

BUDGET_S = 5.0
_LAST_STEP_S = 30.0  # one file is read to its end, whatever the clock says
SAME_FILE = "same file"


class Judged(NamedTuple):
    """What came out: conflicts if git has some, else findings; each at most CONFLICTS_MAX.

    The findings that block come first. One of the rule `not judged` says what was left out.
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
    announce(budget_s + _LAST_STEP_S)
    if joined.conflicts:
        return Judged(conflicts=_explained(git, joined, deadline), findings=())
    sides = None if strategy is Strategy.NONE else sides_of(git, left, right)
    if sides is None:
        return Judged(conflicts=(), findings=())
    base = sides.base
    ours = with_moves(git, base, left, sides.left)
    theirs = with_moves(git, base, right, sides.right)
    if strategy is Strategy.FILE:
        findings = _shared(ours, theirs)
    else:
        with reading_for(budget_s):
            findings = _doubted(git, base, joined.tree, (ours, theirs), deadline)
    findings.sort(key=lambda finding: not finding.is_blocking)
    return Judged(conflicts=(), findings=tuple(findings[:CONFLICTS_MAX]))


def _explained(git: Commands, joined: Joined, deadline: float) -> tuple[Conflict, ...]:
    from ...merging.explain import explain  # noqa: PLC0415  no grammar on the integrator's start

    conflicts: list[Conflict] = []
    paths = joined.conflicts[:CONFLICTS_MAX]
    names = [side.blob for path in paths for side in joined.sides.get(path, {}).values()]
    texts = read_blobs(git, names, bytes_max=BLOB_BYTES_MAX, total_max=BYTES_MAX)
    for path in paths:
        kind = joined.kinds.get(path, "contents")
        sides = joined.sides.get(path, {})
        found = [texts.get(sides[stage].blob) if stage in sides else None for stage in (1, 2, 3)]
        is_known = all(found[stage - 1] is not None for stage in sides)
        left_s = deadline - time.monotonic()
        if not is_known or left_s <= 0:
            conflicts.append(Conflict(path=path, kind=kind))
        else:
            with reading_for(left_s):
                conflicts += explain(path, kind, *found)
    return tuple(conflicts[:CONFLICTS_MAX])


def _shared(ours: Changes, theirs: Changes) -> list[Finding]:
    """The files that both sides changed."""
    return [
        Finding(
            rule=SAME_FILE,
            path=path,
            line=0,
            text="both sides changed this file",
            is_blocking=True,
        )
        for path in sorted(ours.keys() & theirs.keys())
    ]


def _doubted(
    git: Commands, base: str, tree: str, sides: tuple[Changes, Changes], deadline: float
) -> list[Finding]:
    if not _may_disagree(*sides):
        return []
    from ...merging.doubts import doubts  # noqa: PLC0415  as above
    from .gathering import files_of  # noqa: PLC0415

    files, left_out = files_of(git, base=base, tree=tree, sides=sides)
    found: dict[str, Finding] = {}
    with reading_for(deadline - time.monotonic()):
        for step, (path, findings) in enumerate(doubts(files), 1):
            found |= {str(finding): finding for finding in findings}
            if time.monotonic() > deadline:
                seen = f"{step} steps ({path}), over {len(files)} files"
                left_out.append(f"time was over after {seen}")
                break
    told = [Finding(rule=NOT_JUDGED, path="", line=0, text=text) for text in left_out]
    return [*found.values(), *told]


def _may_disagree(ours: Changes, theirs: Changes) -> bool:
    """Say whether both changed one file, or both some code: nothing else has a rule."""
    if not ours.keys().isdisjoint(theirs.keys()):
        return True
    return all(any(language_of(path) is not None for path in side) for side in (ours, theirs))
