from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.worktree.sparse import cone
from prd_supervise.workers.messages.rules import WorktreeRules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users


@pytest.fixture
def monorepo(users: Users) -> Users:
    for name in ("apps/web/a.ts", "apps/api/b.py", "apps/x.txt", "libs/c.py", "docs/d.md"):
        users.put(name, f"{name}\n")
    users.commit("apps", "libs", "docs")
    return users


def sparse(driver: Driver, *folders: str) -> None:
    """Go on with a new integrator that has these folders in its configuration."""
    users = driver.users
    driver.repository = users.repository(rules=WorktreeRules(sparse=folders))
    driver.open()


def shown(worktree: Path) -> set[str]:
    files = (path for path in worktree.rglob("*") if path.is_file() and path.name != ".git")
    return {str(path.relative_to(worktree)) for path in files}


TOP = {"app.py", ".gitignore"}


def test_the_cone_has_the_folders_and_the_files_on_their_way() -> None:
    assert cone(["a/b", "a/b/c", "d"]) == "/*\n!/*/\n/a/\n!/a/*/\n/a/b/\n/d/\n"
    assert cone(["od[d*/./x", "../out"]) == "/*\n!/*/\n/od\\[d\\*/\n!/od\\[d\\*/*/\n/od\\[d\\*/x/\n"


def test_a_sparse_worktree_shows_its_folders_and_is_clean_to_a_plain_git(
    monorepo: Users, driver: Driver
) -> None:
    sparse(driver, "apps/web", "libs")
    _, worktree = driver.prepare("US-1")
    assert shown(worktree) == TOP | {"apps/web/a.ts", "apps/x.txt", "libs/c.py"}
    assert monorepo.git("status", "--porcelain", cwd=worktree) == ""


def test_what_an_agent_writes_outside_of_the_cone_is_committed(
    monorepo: Users, driver: Driver
) -> None:
    sparse(driver, "libs")
    prepared, worktree = driver.prepare("US-1")
    for name in ("docs/d.md", "new/e.md"):
        (worktree / name).parent.mkdir()
        (worktree / name).write_text("mine\n")
    committed = driver.commit(prepared)
    assert committed.files == ("docs/d.md", "new/e.md")
    assert monorepo.show(committed.head, "docs/d.md") == "mine"
    assert monorepo.show(committed.head, "apps/api/b.py") == "apps/api/b.py"


def test_what_the_user_s_own_checkout_shows_is_nobody_else_s_affair(
    monorepo: Users, driver: Driver
) -> None:
    monorepo.git("sparse-checkout", "set", "docs")
    monorepo.seen = monorepo.snapshot()
    assert not (monorepo.path / "libs").exists()
    _, worktree = driver.prepare("US-1")
    assert {"docs/d.md", "libs/c.py", "apps/api/b.py"} <= shown(worktree)
    assert monorepo.git("status", "--porcelain", cwd=worktree) == ""
    sparse(driver, "libs")
    _, other = driver.prepare("US-2")
    assert {"libs/c.py"} == shown(other) - TOP - {"tasks/prd.json"}
    assert not (monorepo.path / "libs").exists()


def test_other_folders_and_none_hold_for_a_slot_that_is_used_again(
    monorepo: Users, driver: Driver
) -> None:
    sparse(driver, "libs")
    _, worktree = driver.prepare("US-1")
    sparse(driver, "docs")
    driver.prepare("US-2")
    assert shown(worktree) == TOP | {"docs/d.md"}
    sparse(driver)
    driver.prepare("US-3")
    assert {"docs/d.md", "libs/c.py", "apps/api/b.py", "tasks/prd.json"} <= shown(worktree)
    flags = monorepo.git("ls-files", "-t", cwd=worktree).split("\n")
    assert all(line.startswith("H ") for line in flags)
    assert not (monorepo.path / ".git/worktrees/PRD-1.0/info/sparse-checkout").exists()


def test_a_worktree_that_was_killed_before_it_had_files_is_no_agent_s_work(
    monorepo: Users, driver: Driver
) -> None:
    sparse(driver, "libs")
    path = monorepo.worktrees / "PRD-1.0"
    branch = "prd-supervise/PRD-1/US-1"
    words = ("worktree", "add", "-q", "--no-checkout", "-B", branch, str(path), "feature/PRD-1")
    monorepo.git(*words)
    base = monorepo.head("feature/PRD-1")
    prepared, worktree = driver.prepare("US-1", attempt=2, base=base)
    assert prepared.head == base
    assert shown(worktree) == TOP | {"libs/c.py"}
    assert monorepo.salvaged() == {}


def test_a_lost_object_takes_nothing_that_is_not_shown(monorepo: Users, driver: Driver) -> None:
    sparse(driver, "libs")
    prepared, worktree = driver.prepare("US-1")
    (worktree / "libs/new.py").write_text("new\n")
    monorepo.git("add", "libs/new.py", cwd=worktree)
    blob = monorepo.git("rev-parse", ":libs/new.py", cwd=worktree)
    (monorepo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert driver.commit(prepared).files == ("libs/new.py",)


@pytest.mark.parametrize("spoilt", [b"", b"spoilt" * 20])
def test_a_broken_index_takes_nothing_that_is_not_shown(
    monorepo: Users, driver: Driver, spoilt: bytes
) -> None:
    sparse(driver, "libs")
    prepared, worktree = driver.prepare("US-1")
    (worktree / "libs/new.py").write_text("new\n")
    (worktree / "libs/c.py").unlink()
    (monorepo.path / ".git/worktrees/PRD-1.0/index").write_bytes(spoilt)
    assert driver.commit(prepared).files == ("libs/c.py", "libs/new.py")
