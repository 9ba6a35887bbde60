"""One trial merge: where two states of work cannot come together, or should not."""

from __future__ import annotations

import os

from ...messages.merging import Conflict, Finding
from ...messages.rules import Strategy
from ..commands import Commands
from ..trees import path_text
from .grown import Grown
from .joining import join


def places_between(
    git: Commands, other: Grown, later: Grown, strategy: Strategy, *, budget_s: float
) -> tuple[Conflict, ...]:
    """The places that keep two states apart; of a merge that git finds clean, what blocks it."""
    # Most nights need no reader of languages, and an integrator starts without them.
    from .judging import judge  # noqa: PLC0415

    left, right = other.commit, later.commit
    joined = join(git, left, right)
    judged = judge(git, left=left, right=right, joined=joined, strategy=strategy, budget_s=budget_s)
    is_by_file = strategy is Strategy.FILE  # then every file that both changed is a place
    doubts = [_as_place(each) for each in judged.findings if each.is_blocking and not is_by_file]
    # What only one of them changed conflicts with what the other one began from.
    places = [each for each in (*judged.conflicts, *doubts) if _is_theirs(each.path, other, later)]
    if is_by_file:
        told = {each.path for each in places}
        shared = (path_text(path) for path in sorted(other.changed & later.changed))
        places += [
            Conflict(path=path, kind="changed by both") for path in shared if path not in told
        ]
    return tuple(places)


def _as_place(finding: Finding) -> Conflict:
    lines = (finding.line, finding.line)
    return Conflict(path=finding.path, kind=finding.rule, entity=finding.text, right=lines)


def _is_theirs(path: str, other: Grown, later: Grown) -> bool:
    name = os.fsencode(path)
    return other.touches(name) and later.touches(name)
