from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.taken import GONE, TAKEN, Taken, fates_of
from tests.support.status_documents import a_document, a_prd


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=N", "-c", "user.email=n@example.org")
    subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One whose main has taken `feature/a`, and not `feature/b`."""
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    for name in ("feature/a", "feature/b"):
        git(tmp_path, "checkout", "-q", "-b", name, "main")
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", name)
    git(tmp_path, "checkout", "-q", "main")
    git(tmp_path, "merge", "-q", "--no-ff", "-m", "taken", "feature/a")
    return tmp_path


def test_git_tells_what_a_merge_would_bring_nothing_of(repository: Path) -> None:
    asked = ["feature/a", "feature/b", "feature/c", "feature"]
    found = fates_of(repository, asked)
    assert found == {"feature/a": TAKEN, "feature/c": GONE, "feature": GONE}


def test_where_git_does_not_answer_nothing_is_claimed(tmp_path: Path) -> None:
    assert fates_of(tmp_path / "none", ["feature/a"]) == {}


def test_completed_prds_are_told_of_what_became_of_their_branch(repository: Path) -> None:
    prds = (
        a_prd(id="A", state="completed", branch="feature/a"),
        a_prd(id="B", state="completed", branch="feature/b"),
        a_prd(id="C", state="active", branch="feature/a"),
        a_prd(id="D", state="completed", branch="feature/a", landed="not landed: red"),
    )
    told = Taken(repository).told(a_document(*prds))
    assert [prd.landed for prd in told.prds] == [TAKEN, None, None, "not landed: red"]


def test_git_is_not_asked_at_every_look(repository: Path) -> None:
    taken, document = Taken(repository), a_document(a_prd(state="completed", branch="feature/b"))
    assert taken.told(document).prds[0].landed is None
    git(repository, "merge", "-q", "--no-ff", "-m", "taken", "feature/b")
    assert taken.told(document).prds[0].landed is None
    assert Taken(repository).told(document).prds[0].landed == TAKEN
