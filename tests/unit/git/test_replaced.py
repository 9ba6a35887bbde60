"""An agent that puts something else where its worktree, or a part of it, stood."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prd_supervise.workers.git.commands import GitTooSlowError
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.rules import WorktreeRules

from .conftest import Driver, Users

SECRET = b"TOKEN=the-user's-own\n"


def goes_on(driver: Driver, worktree: Path) -> None:
    """The next story gets a worktree with nothing strange in it."""
    _, again = driver.prepare("US-2", attempt=1)
    assert again == worktree
    assert (worktree / "app.py").read_text() == "one\ntwo\nthree\n"
    assert driver.users.git("status", "--porcelain", cwd=worktree) == ""


def test_a_link_to_the_users_checkout_leads_to_no_secret_of_his(driver: Driver) -> None:
    users = driver.users
    (users.path / ".git/info/exclude").write_text(".env\n")
    users.put(".env", SECRET)
    driver.repository = users.repository(rules=WorktreeRules(copy=(".env",)))
    driver.open()
    prepared, worktree = driver.prepare()
    assert (worktree / ".env").read_bytes() == SECRET
    shutil.rmtree(worktree)
    worktree.symlink_to(users.path)

    driver.commit(prepared)
    goes_on(driver, worktree)

    assert (users.path / ".env").read_bytes() == SECRET


def test_a_link_to_nothing_is_set_aside(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    shutil.rmtree(worktree)
    worktree.symlink_to("nowhere")

    assert "is gone from git" in driver.commit(prepared).problem
    goes_on(driver, worktree)


def _folder(index: Path) -> None:
    index.mkdir()
    (index / "found").write_text("what an agent put there\n")


def _link(index: Path) -> None:
    index.symlink_to("nowhere")


@pytest.mark.parametrize("made", [_folder, os.mkfifo, _link])
def test_what_is_no_index_is_none(driver: Driver, made: Callable[[Path], None]) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "app.py").write_text("edited\n")
    index = driver.users.path / ".git/worktrees/PRD-1.0/index"
    index.unlink()
    made(index)

    assert driver.commit(prepared).files == ("app.py",)
    goes_on(driver, worktree)


def test_a_worktree_that_was_led_to_another_repository_is_led_back(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "app.py").write_text("edited\n")
    admin = driver.users.path / ".git/worktrees/PRD-1.0"
    (admin / "commondir").write_text("../../../elsewhere\n")

    assert driver.commit(prepared).files == ("app.py",)
    goes_on(driver, worktree)


def test_a_worktree_in_which_git_comes_to_no_end_is_set_aside_for_the_next_story(
    driver: Driver, users: Users
) -> None:
    """A pipe that nobody writes to, in the place of a file that git reads."""
    prepared, worktree = driver.prepare()
    (worktree / "work.py").write_text("work\n")
    (worktree / ".gitignore").unlink()
    os.mkfifo(worktree / ".gitignore")
    lock = users.path / ".git" / "prd-supervise.lock"
    driver.repository = PrdRepository(users.path, users.worktrees, "PRD-1", lock, timeout_s=5.0)
    driver.open()

    with pytest.raises(GitTooSlowError):
        driver.commit(prepared)
    goes_on(driver, worktree)

    assert (users.worktrees / "PRD-1.leftovers/PRD-1.0/work.py").read_text() == "work\n"
