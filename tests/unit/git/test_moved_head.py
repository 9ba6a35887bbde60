from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users


STORY = "refs/heads/prd-supervise/PRD-1/US-1"


def _branch(users: Users, worktree: Path) -> str:
    return users.git("symbolic-ref", "HEAD", cwd=worktree)


def _subject(users: Users, commit: str) -> str:
    return users.git("log", "-1", "--format=%s", commit)


def test_a_detached_head_that_descends_is_adopted(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("checkout", "--quiet", "--detach", cwd=worktree)
    users.git("commit", "--quiet", "--allow-empty", "-m", "aside", cwd=worktree)
    (worktree / "new.py").write_text("new\n")
    committed = driver.commit(prepared)
    assert committed.files == ("new.py",)
    assert (_branch(users, worktree), users.head(STORY)) == (STORY, committed.head)
    assert _subject(users, f"{committed.head}^") == "aside"


def test_another_branch_that_descends_is_adopted_and_stays(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("checkout", "--quiet", "-b", "feature/PRD-mine", cwd=worktree)
    users.git("commit", "--quiet", "--allow-empty", "-m", "aside", cwd=worktree)
    committed = driver.commit(prepared)
    assert committed.head == users.head("feature/PRD-mine")
    assert _branch(users, worktree) == STORY


def test_commits_that_an_adopted_head_leaves_out_are_salvaged(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("commit", "--quiet", "--allow-empty", "-m", "first", cwd=worktree)
    left_out = users.head(STORY)
    users.git("checkout", "--quiet", "--detach", prepared.base, cwd=worktree)
    users.git("commit", "--quiet", "--allow-empty", "-m", "second", cwd=worktree)
    driver.commit(prepared)
    assert users.salvaged() == {"US-1/1": left_out}


def test_a_head_that_does_not_descend_is_a_problem_and_salvaged(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("checkout", "--quiet", "--orphan", "fresh", cwd=worktree)
    users.git("commit", "--quiet", "-m", "orphan", cwd=worktree)
    users.git("checkout", "--quiet", "--detach", cwd=worktree)
    users.git("branch", "-D", "fresh", cwd=worktree)
    orphan = users.git("rev-parse", "HEAD", cwd=worktree)
    committed = driver.commit(prepared)
    assert committed.problem == (
        f"the agent moved HEAD to {orphan[:12]}, which does not descend from {prepared.base[:12]}"
    )
    assert users.salvaged() == {"US-1/1": orphan}
    assert driver.prepare(attempt=2, base=prepared.base)[0].head == prepared.base


def test_a_branch_without_a_commit_is_a_problem_and_salvaged(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("checkout", "--quiet", "--orphan", "fresh", cwd=worktree)
    (worktree / "new.py").write_text("new\n")
    assert "a branch without a commit" in driver.commit(prepared).problem
    assert users.show(users.salvaged()["US-1/1"], "new.py") == "new"
    driver.prepare("US-2")


def test_a_story_branch_that_the_agent_reset_is_a_problem(driver: Driver) -> None:
    users = driver.users
    driver.finish("US-0", zero="0\n")
    prepared, worktree = driver.prepare()
    users.git("reset", "--quiet", "--hard", "main", cwd=worktree)
    (worktree / "new.py").write_text("new\n")
    assert "does not descend" in driver.commit(prepared).problem
    assert users.show(users.salvaged()["US-1/1"], "new.py") == "new"
    again, _ = driver.prepare(attempt=2, base=prepared.base)
    assert again.head == prepared.base


def test_a_merge_that_the_agent_left_in_conflict_is_committed(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    for branch, text in (("feature/PRD-x", "theirs\n"), ("prd-supervise/PRD-1/US-1", "ours\n")):
        if branch == "feature/PRD-x":
            users.git("checkout", "--quiet", "-b", branch, cwd=worktree)
        else:
            users.git("checkout", "--quiet", branch, cwd=worktree)
        (worktree / "app.py").write_text(text)
        users.git("commit", "--quiet", "--all", "-m", text, cwd=worktree)
    with pytest.raises(AssertionError, match="CONFLICT"):
        users.git("merge", "feature/PRD-x", cwd=worktree)
    committed = driver.commit(prepared)
    assert "<<<<<<<" in users.show(committed.head, "app.py")
    assert users.head(f"{committed.head}^2") == users.head("feature/PRD-x")
    assert users.git("status", "--porcelain", cwd=worktree) == ""


def test_a_rebase_that_the_agent_left_in_conflict_is_committed(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("checkout", "--quiet", "-b", "feature/PRD-x", cwd=worktree)
    (worktree / "app.py").write_text("theirs\n")
    users.git("commit", "--quiet", "--all", "-m", "theirs", cwd=worktree)
    users.git("checkout", "--quiet", "prd-supervise/PRD-1/US-1", cwd=worktree)
    (worktree / "app.py").write_text("ours\n")
    users.git("commit", "--quiet", "--all", "-m", "ours", cwd=worktree)
    ours = users.head(STORY)
    with pytest.raises(AssertionError, match="CONFLICT"):
        users.git("rebase", "feature/PRD-x", cwd=worktree)
    committed = driver.commit(prepared)
    assert (_branch(users, worktree), users.head(STORY)) == (STORY, committed.head)
    assert users.salvaged() == {"US-1/1": ours}
    assert not (users.path / ".git/worktrees/PRD-1.0/rebase-merge").exists()


def test_a_story_branch_in_another_worktree_is_not_moved(driver: Driver, tmp_path: Path) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("checkout", "--quiet", "--detach", cwd=worktree)
    users.git("worktree", "add", "--quiet", str(tmp_path / "look"), "prd-supervise/PRD-1/US-1")
    users.git("commit", "--quiet", "--allow-empty", "-m", "aside", cwd=worktree)
    with pytest.raises(GitRefused, match=r"is checked out in .*look"):
        driver.commit(prepared)
