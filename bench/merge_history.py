"""The merges that a repository's developers made, read without writing into it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prd_supervise.workers.git.commands import Commands

_GIT_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two parents that both went on since their base; `bases` counts the best common ancestors."""

    commit: str
    left: str
    right: str
    base: str
    bases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One repository."""

    git: Commands

    @classmethod
    def open(cls, repo: Path, scratch: Path) -> History:
        """What git writes goes to the scratch folder."""
        plain = Commands(repo, timeout_s=_GIT_TIMEOUT_S, environment={})
        found = plain.run("rev_parse", "--path-format=absolute", "--git-common-dir").line
        (scratch / "objects").mkdir()
        environment = {
            "GIT_DIR": found,
            "GIT_OBJECT_DIRECTORY": str(scratch / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{found}/objects",
        }
        return cls(git=plain.at(repo, environment=environment))

    def merges(self, *, seed: int) -> Iterator[Merge]:
        """All of them, in an order that the seed gives; merges of an ancestor are left out."""
        listed = self.git.run(
            "rev_list", "--min-parents=2", "--max-parents=2", "--parents", "--all"
        )
        lines = listed.line.split("\n")
        random.Random(seed).shuffle(lines)  # noqa: S311  no secret
        for line in lines:
            commit, *parents = line.split()
            if len(parents) == 2:  # noqa: PLR2004  there may be no merge at all
                merge = self._merge(commit, *parents)
                if merge is not None:
                    yield merge

    def _merge(self, commit: str, left: str, right: str) -> Merge | None:
        answer = self.git.ask("merge_base", "--all", left, right)
        bases = answer.line.split("\n") if answer.status == 0 else []
        if not bases or bases[0] in {left, right}:
            return None
        return Merge(commit=commit, left=left, right=right, base=bases[0], bases=len(bases))

    def tree(self, commit: str) -> str:
        """What the developers committed."""
        return self.git.run("rev_parse", f"{commit}^{{tree}}").line

    @staticmethod
    def clock() -> float:
        """Seconds of this process's own work; git's are not in them."""
        return time.process_time()
