"""Refs that a power loss tore or emptied, and objects that it emptied."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.messages.git import BranchOpened, OpenBranch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users

BRANCH = "refs/heads/feature/PRD-1"
STORY = "refs/heads/prd-supervise/PRD-1/US-1"
TORN = ["", "0123", "\0" * 41]


def _reopen(driver: Driver, *, known: str = "feature/PRD-1") -> BranchOpened:
    """As a new integrator after a crash."""
    driver.repository = driver.users.repository()
    request = OpenBranch(
        prd_id="PRD-1",
        wanted_branch="feature/PRD-1",
        base=driver.users.head("main"),
        prd_file="",
        adopt=False,
        branch=known,
    )
    return driver.repository.open_branch(request)


def _file(users: Users, ref: str) -> Path:
    return users.path / ".git" / ref


def _empty_object(users: Users, name: str) -> None:
    found = users.path / ".git/objects" / name[:2] / name[2:]
    found.chmod(0o600)
    found.write_bytes(b"")


@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize(
    "ref",
    [
        BRANCH,
        STORY,
        "refs/prd-supervise/bases/PRD-1",
        "refs/prd-supervise/branches/PRD-1/feature/PRD-1",
        "refs/prd-supervise/salvage/PRD-1/US-2/1",
    ],
)
def test_a_torn_ref_is_what_it_was(driver: Driver, ref: str, torn: str) -> None:
    users = driver.users
    driver.finish("US-1", new="x\n")
    _, worktree = driver.prepare("US-2", slot=1)
    (worktree / "half.py").write_text("half\n")
    driver.prepare("US-3", slot=1)
    before, commit = users.git("show-ref"), users.head(ref)
    _file(users, ref).write_text(torn)
    opened = _reopen(driver)
    assert users.head(ref) == commit
    assert users.git("show-ref") == before
    assert opened.branch == "feature/PRD-1"
    assert [story for story, _ in opened.merged] == ["US-1"]
    assert [note for note in driver.repository.take_notes() if ref in note.text]
    driver.finish("US-4", four="4\n")


def test_a_story_branch_of_which_nothing_is_known_is_made_anew(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    shutil.rmtree(users.path / ".git/logs/refs/heads/prd-supervise")
    _file(users, STORY).write_text("")
    _reopen(driver)
    assert "nothing tells where it was" in driver.repository.take_notes()[0].text
    again, _ = driver.prepare("US-1", attempt=2, base=prepared.base)
    assert users.head(STORY) == again.head
    kept = [users.show(commit, "new.py") for commit in users.salvaged().values()]
    assert kept == ["half"]


def test_torn_refs_of_the_user_stay_as_they_are(driver: Driver) -> None:
    users = driver.users
    other = _file(users, "refs/heads/other")
    before = other.read_text()
    other.write_text("")
    _reopen(driver)
    assert other.read_text() == ""
    assert driver.repository.take_notes() == ()
    other.write_text(before)


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_story_branch_whose_commit_is_lost_goes_back_to_the_one_before(
    driver: Driver, *, is_empty: bool
) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / "one.py").write_text("one\n")
    one = driver.commit(prepared).head
    (worktree / "two.py").write_text("two\n")
    two = driver.commit(prepared).head
    if is_empty:
        _empty_object(users, two)
    else:
        (users.path / ".git/objects" / two[:2] / two[2:]).unlink()
    _reopen(driver)
    assert users.head(STORY) == one
    assert any(two in note.text for note in driver.repository.take_notes())
    again, worktree = driver.prepare("US-1", attempt=2, base=prepared.base)
    assert users.show(again.head, "two.py") == "two"  # it still lay in the worktree


def test_an_empty_object_that_can_be_written_again_is(driver: Driver) -> None:
    users = driver.users
    committed = driver.work("US-1", new="x\n")
    driver.finish("US-2", two="2\n")
    tree = users.head(f"{driver.trial(committed).commit}^{{tree}}")
    _empty_object(users, tree)
    tried = driver.trial(committed)
    assert users.head(f"{tried.commit}^{{tree}}") == tree
    assert users.show(tried.commit, "new.py") == "x"
    assert any(tree in note.text for note in driver.repository.take_notes())


def test_an_empty_file_of_an_agents_is_named(driver: Driver) -> None:
    """Git takes it for written already; only who reads it notices."""
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("new\n")
    blob = users.git("hash-object", "-w", "--stdin", stdin="new\n")
    _empty_object(users, blob)
    committed = driver.commit(prepared)
    with pytest.raises(GitRefused, match=blob):
        driver.trial(committed)
    assert any(blob in note.text for note in driver.repository.take_notes())
    users.git("hash-object", "-w", "new.py", cwd=worktree)
    assert users.show(driver.trial(committed).commit, "new.py") == "new"


def test_an_object_that_is_lost_for_good_is_named(driver: Driver) -> None:
    users = driver.users
    committed = driver.work("US-1", new="x\n")
    tree = users.head(f"{committed.head}^{{tree}}")
    found = users.path / ".git/objects" / tree[:2] / tree[2:]
    found.chmod(0o600)
    found.write_bytes(b"no object")
    with pytest.raises(GitRefused, match=tree):
        driver.trial(committed)
    assert found.read_bytes() == b"no object"
