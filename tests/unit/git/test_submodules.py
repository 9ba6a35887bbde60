from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.git.conftest import run_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users

REFS = "refs/prd-supervise/submodule/PRD-1/"


@pytest.fixture
def library(users: Users, tmp_path: Path) -> Path:
    """A repository that the user's one has cloned as the submodule `vendor/lib`."""
    origin = tmp_path / "library"
    origin.mkdir()
    run_git(origin, "init", "--quiet", "--initial-branch=main")
    run_git(origin, "config", "user.name", "L")
    run_git(origin, "config", "user.email", "l@x")
    for text in ("1", "2"):
        (origin / "lib.py").write_text(f"{text}\n")
        run_git(origin, "add", "lib.py")
        run_git(origin, "commit", "--quiet", "-m", text)
    words = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    users.git(*words, "--name", "lib", str(origin), "vendor/lib")
    users.git("commit", "--quiet", "-m", "a submodule")
    users.seen = users.snapshot()
    return origin


def _status(users: Users, worktree: Path) -> str:
    return users.git("status", "--porcelain", cwd=worktree)


def test_a_submodule_is_there_in_a_worktree_without_any_network(
    users: Users, library: Path, driver: Driver
) -> None:
    library.rename(library.with_name("gone"))
    _, worktree = driver.prepare("US-1")
    assert (worktree / "vendor/lib/lib.py").read_text() == "2\n"
    assert _status(users, worktree) == ""


@pytest.mark.usefixtures("library")
def test_a_pointer_that_an_agent_changes_is_a_change_and_leads_somewhere(
    users: Users, driver: Driver
) -> None:
    prepared, worktree = driver.prepare("US-1")
    inner = worktree / "vendor/lib"
    (inner / "lib.py").write_text("3\n")
    users.git("-c", "user.name=A", "-c", "user.email=a@x", "commit", "-qam", "3", cwd=inner)
    made = users.git("rev-parse", "HEAD", cwd=inner)
    committed = driver.commit(prepared)
    assert committed.files == ("vendor/lib",)
    clone = users.path / ".git/modules/lib"
    assert run_git(clone, "rev-parse", f"{REFS}{made}") == made

    _, other = driver.prepare("US-2")
    assert (other / "vendor/lib/lib.py").read_text() == "2\n"
    assert _status(users, other) == ""
    shown = driver.check_out(committed.head)
    assert (shown / "vendor/lib/lib.py").read_text() == "3\n"


@pytest.mark.usefixtures("library")
def test_what_an_agent_leaves_in_a_submodule_is_kept_before_it_is_reset(
    users: Users, driver: Driver
) -> None:
    prepared, worktree = driver.prepare("US-1")
    (worktree / "vendor/lib/lib.py").write_text("half\n")
    (worktree / "vendor/lib/new.py").write_text("new\n")
    assert driver.commit(prepared).files == ()
    driver.prepare("US-2")
    assert sorted(path.name for path in (worktree / "vendor/lib").iterdir()) == [".git", "lib.py"]
    assert (worktree / "vendor/lib/lib.py").read_text() == "2\n"
    clone = users.path / ".git/modules/lib"
    (kept,) = run_git(clone, "for-each-ref", "--format=%(refname)", REFS).split("\n")
    assert run_git(clone, "show", f"{kept}:lib.py") == "half"
    assert run_git(clone, "show", f"{kept}:new.py") == "new"
    (note,) = driver.repository.take_notes()
    assert "vendor/lib is in no story; your clone has it as " + kept in note.text


@pytest.mark.usefixtures("library")
def test_a_submodule_that_the_user_has_not_cloned_stays_empty(users: Users, driver: Driver) -> None:
    (users.path / ".git/modules").rename(users.path / ".git/elsewhere")
    try:
        _, worktree = driver.prepare("US-1")
        assert list((worktree / "vendor/lib").iterdir()) == []
        assert _status(users, worktree) == ""
    finally:
        (users.path / ".git/elsewhere").rename(users.path / ".git/modules")
