"""Whatever runs have left, however old: by itself nothing goes that is the only copy, or young."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prd_supervise.policies.keeping import DAY_S
from prd_supervise.supervisor.core.root.records import (
    PrdAccepted,
    PrdBegun,
    PrdForgotten,
    PrdSettled,
    PrdState,
)
from prd_supervise.supervisor.shell.keeping.finished import journalled
from prd_supervise.supervisor.shell.keeping.tidying import tidy
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.offline import ROOT_KINDS
from prd_supervise.supervisor.shell.storage.store import Store
from prd_supervise.workers.messages.keeping import Tidied

OLD_DAYS, KEEP_DAYS, YOUNG_DAYS = 50.0, 30.0, 10.0
_FINISHED = {PrdState.COMPLETED, PrdState.FAILED}


@dataclass(frozen=True, kw_only=True)
class Salvage:
    """One salvage ref; `after_merge`: a later attempt than the one that was merged."""

    days: float
    after_merge: bool


@dataclass(frozen=True, kw_only=True)
class Past:
    """What has become of a PRD of two stories, of which the first was merged."""

    state: PrdState
    days: float
    branch: str  # there, merged, gone
    has_document: bool
    is_second_merged: bool
    salvages: tuple[Salvage, ...]

    @property
    def is_over(self) -> bool:
        """Whether anything of it may be touched."""
        return self.state in _FINISHED and self.days > KEEP_DAYS


ages = st.sampled_from((OLD_DAYS, YOUNG_DAYS))
pasts = st.builds(
    Past,
    state=st.sampled_from(
        (PrdState.COMPLETED, PrdState.FAILED, PrdState.STOPPED, PrdState.ACTIVE, PrdState.QUEUED)
    ),
    days=ages,
    branch=st.sampled_from(("there", "merged", "gone")),
    has_document=st.booleans(),
    is_second_merged=st.booleans(),
    salvages=st.lists(st.builds(Salvage, days=ages, after_merge=st.booleans()), max_size=2).map(
        tuple
    ),
)


class Scene:
    """A repository in which all that has happened."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self.path = path
        self.now = time.time()
        self.layout = Layout(
            repository=path,
            common_dir=path / ".git",
            state_dir=path / ".prd-supervise",
            worktrees=path / ".prd-supervise" / "worktrees",
        )
        self.git("init", "-q", "-b", "main", ".")
        self.main = self.commit("main", (), days=60.0)
        self.git("update-ref", "refs/heads/main", self.main)
        self.store = Store(self.layout.state_dir, ROOT_KINDS)
        self.outlived: dict[str, str] = {}  # commits that a later merge made dispensable, and whose
        self._blobs = 0

    def git(self, *words: str, days: float = 0.0, stdin: str = "") -> str:
        """Run git so many days ago."""
        at = f"{int(self.now - days * DAY_S)} +0000" if days else ""
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at} if at else {}
        names = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "gc.auto=0")
        done = subprocess.run(
            ["git", *names, *words],
            cwd=self.path,
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **dates},
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def commit(self, message: str, parents: tuple[str, ...], *, days: float) -> str:
        """Make a commit of a file that no other has."""
        blob = self.git("hash-object", "-w", "--stdin", stdin=f"{message} {parents}")
        tree = self.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
        words = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *words, "-m", message, days=days)

    def refs(self) -> dict[str, str]:
        """All refs, with their commits."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ") for line in lines)

    def held(self) -> set[str]:
        """Every commit that a ref holds."""
        return set(self.git("rev-list", "--all").split())

    def live_through(self, number: int, past: Past) -> None:
        """Let it happen."""
        prd, days = f"P{number}", past.days
        first = self.commit(f"{prd} one", (self.main,), days=days + 2)
        second = self.commit(f"{prd} two", (self.main,), days=days + 2)
        trailer = f"one\n\nPRD-Story: {prd}/US-1"
        head = self.commit(trailer, (self.main, first), days=days + 1)
        if past.is_second_merged:
            trailer = f"two\n\nPRD-Story: {prd}/US-2"
            head = self.commit(trailer, (head, second), days=days + 1)
        self.git("update-ref", f"refs/heads/prd-supervise/{prd}/US-1", first)
        self.git("update-ref", f"refs/heads/prd-supervise/{prd}/US-2", second)
        self.git("update-ref", f"refs/prd-supervise/branches/{prd}/feature/{prd}", head)
        self.git("update-ref", f"refs/prd-supervise/bases/{prd}", self.main)
        if past.branch != "gone":
            self.git("update-ref", f"refs/heads/feature/{prd}", head)
        if past.branch == "merged":
            merge = self.commit(f"merge {prd}", (self.git("rev-parse", "main"), head), days=1.0)
            self.git("update-ref", "refs/heads/main", merge)
        for at, each in enumerate(past.salvages):
            made = days + (0.5 if each.after_merge else 1.5)
            kept = self.commit(f"salvage {prd} {at}", (self.main,), days=made)
            self.git("update-ref", f"refs/prd-supervise/salvage/{prd}/US-1/{at + 1}", kept)
            if past.is_over and not each.after_merge:
                self.outlived[kept] = prd
        self._journal(prd, past)

    def _journal(self, prd: str, past: Past) -> None:
        document = self.path / f"{prd}.json"
        if past.has_document:
            document.write_text("{}")
        at = self.now - past.days * DAY_S
        accepted = PrdAccepted(prd_id=prd, title=prd, path=str(document), base=self.main)
        self.store.append(accepted, at=at - 9)
        if past.state is not PrdState.QUEUED:
            self.store.append(PrdBegun(prd_id=prd), at=at - 8)
        if past.state not in {PrdState.QUEUED, PrdState.ACTIVE}:
            self.store.append(PrdSettled(prd_id=prd, state=past.state), at=at)
        self.store.flush()
        attempt = self.layout.attempt(prd, "US-1", 1)
        attempt.mkdir(parents=True)
        (attempt / "agent.log").write_text("said\n")

    def tidy(self) -> Tidied:
        """Tidy up as the keeper does, and forget as root does."""
        told = tidy(self.layout, self.now - KEEP_DAYS * DAY_S, lambda: None)
        for prd_id in told.outlived:
            self.store.append(PrdForgotten(prd_id=prd_id), at=self.now)
        self.store.flush()
        return told


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(pasts, min_size=1, max_size=3))
def test_only_what_is_old_and_held_elsewhere_or_outlived_goes(
    tmp_path_factory: pytest.TempPathFactory, history: list[Past]
) -> None:
    scene = Scene(tmp_path_factory.mktemp("keeping") / "repo")
    for number, past in enumerate(history):
        scene.live_through(number, past)
    before, held = scene.refs(), scene.held()

    told = scene.tidy()
    scene.tidy()
    scene.store.close()

    assert not told.problems
    after = scene.refs()
    assert held - scene.held() <= scene.outlived.keys(), "nothing but what a merge outlived"
    assert _users(after) == _users(before)
    for number, past in enumerate(history):
        prd, attempt = f"P{number}", scene.layout.attempt(f"P{number}", "US-1", 1)
        if not past.is_over:
            assert _of(prd, after) == _of(prd, before)
            assert attempt.exists()
            continue
        assert not attempt.exists()
        assert f"refs/heads/prd-supervise/{prd}/US-1" not in after
        is_kept = any(name.startswith("refs/prd-supervise/salvage/") for name in _of(prd, after))
        is_kept = is_kept or f"refs/heads/prd-supervise/{prd}/US-2" in after
        is_kept = is_kept or past.branch == "gone" or past.has_document
        assert (prd in journalled(scene.layout)) is is_kept


def _users(refs: dict[str, str]) -> dict[str, str]:
    ours = ("refs/prd-supervise/", "refs/heads/prd-supervise/")
    return {name: commit for name, commit in refs.items() if not name.startswith(ours)}


def _of(prd: str, refs: dict[str, str]) -> dict[str, str]:
    return {name: commit for name, commit in refs.items() if prd in name.split("/")}
