"""Whether somebody has taken the work of PRDs that are completed: git alone knows."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path

from ...policies.values import replace
from ..shell.repository.checkout import git_says
from ..shell.status.document import PrdStatus, StatusDocument

AGAIN_S = 5.0
TAKEN = "its work is in the branch that is checked out"
GONE = "its branch is gone"
_HEADS = "refs/heads/"


class Taken:
    """Asks git from time to time, and only where a merge would be the next thing to do."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._known: Mapping[str, str] = {}
        self._branches: frozenset[str] = frozenset()
        self._next_s = 0.0

    def told(self, document: StatusDocument) -> StatusDocument:
        """The document with what became of branches that we have landed nowhere."""
        branches = frozenset(prd.branch for prd in document.prds if _is_open(prd))
        if not branches:
            return document
        now_s = time.monotonic()
        if branches != self._branches or now_s >= self._next_s:
            self._known = fates_of(self._repository, branches)
            self._branches, self._next_s = branches, now_s + AGAIN_S
        prds = tuple(
            replace(prd, landed=self._known[prd.branch])
            if _is_open(prd) and prd.branch in self._known
            else prd
            for prd in document.prds
        )
        return replace(document, prds=prds)


def fates_of(repository: Path, branches: Collection[str]) -> Mapping[str, str]:
    """Of these branches those that `git merge` would bring nothing of, and why."""
    merged = _there(repository, branches, "--merged=HEAD")
    left = {*branches} - merged
    gone = left - _there(repository, left) if left else set()
    if gone and not git_says(repository, "rev-parse", "--verify", "--quiet", "HEAD"):
        gone = set()  # git itself does not answer
    return dict.fromkeys(merged, TAKEN) | dict.fromkeys(gone, GONE)


def _there(repository: Path, branches: Collection[str], *options: str) -> set[str]:
    names = [_HEADS + branch for branch in branches]
    found = git_says(repository, "for-each-ref", "--format=%(refname)", *options, *names)
    return {line.removeprefix(_HEADS) for line in found.split("\n") if line} & {*branches}


def _is_open(prd: PrdStatus) -> bool:
    return prd.state == "completed" and bool(prd.branch) and not prd.landed
