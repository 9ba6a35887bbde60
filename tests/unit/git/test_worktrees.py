from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.messages.git import CheckOut, OpenBranch, Prepare

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users


def _status(users: Users, worktree: Path) -> str:
    return users.git("status", "--porcelain", cwd=worktree)


def _admin(users: Users, slot: int = 0) -> Path:
    return users.path / f".git/worktrees/PRD-1.{slot}"


def test_a_worktree_without_its_git_file_is_mended(driver: Driver) -> None:
    first, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    (worktree / ".git").unlink()
    prepared, _ = driver.prepare("US-1", attempt=2, base=first.base)
    assert driver.users.show(prepared.head, "new.py") == "half"
    assert _status(driver.users, worktree) == ""


def test_a_repository_made_in_place_of_the_worktrees_is_set_aside(driver: Driver) -> None:
    first, worktree = driver.prepare("US-1")
    (worktree / ".git").unlink()
    driver.users.git("init", "--quiet", cwd=worktree)
    (worktree / "new.py").write_text("half\n")
    prepared, _ = driver.prepare("US-1", attempt=2, base=first.base)
    assert driver.users.show(prepared.head, "new.py") == "half"
    assert (driver.users.worktrees / "PRD-1.leftovers/PRD-1.0-git/HEAD").exists()


def test_a_folder_that_git_does_not_know_is_set_aside(driver: Driver) -> None:
    stranger = driver.users.worktrees / "PRD-1.0"
    stranger.mkdir(parents=True)
    (stranger / "file").write_text("whose?\n")
    _, worktree = driver.prepare()
    assert not (worktree / "file").exists()
    aside = driver.users.worktrees / "PRD-1.leftovers/PRD-1.0/file"
    assert aside.read_text() == "whose?\n"


def test_a_worktree_whose_administration_is_gone_is_set_aside(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    shutil.rmtree(_admin(driver.users))
    driver.prepare("US-1", attempt=2)
    assert not (worktree / "new.py").exists()
    assert (driver.users.worktrees / "PRD-1.leftovers/PRD-1.0/new.py").exists()


def test_a_worktree_whose_folder_is_gone_is_made_again(driver: Driver) -> None:
    users = driver.users
    committed = driver.work("US-1", new="x\n")
    worktree = users.worktrees / "PRD-1.0"
    users.git("checkout", "--quiet", "--detach", cwd=worktree)
    users.git("commit", "--quiet", "--allow-empty", "-m", "lost?", cwd=worktree)
    lost = users.git("rev-parse", "HEAD", cwd=worktree)
    shutil.rmtree(worktree)
    prepared, _ = driver.prepare("US-1", attempt=2, base=users.head("main"))
    assert prepared.head == committed.head
    assert lost in users.salvaged().values()


def test_a_worktree_that_git_was_killed_in_while_making_it_is_made_again(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    admin = _admin(driver.users)
    (admin / "locked").write_text("initializing")
    (worktree / ".git").unlink()
    driver.prepare("US-1")
    assert _status(driver.users, worktree) == ""
    assert not (admin / "locked").exists()


def test_locks_of_a_git_that_was_killed_are_removed(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (_admin(driver.users) / "index.lock").touch()
    (driver.users.path / ".git/refs/heads/prd-supervise/PRD-1/US-1.lock").touch()
    driver.prepare("US-1", attempt=2)
    assert _status(driver.users, worktree) == ""


def test_a_torn_note_of_who_works_there_is_no_note(driver: Driver) -> None:
    prepared, worktree = driver.prepare("US-1", attempt=3)
    note = _admin(driver.users) / "prd-supervise"
    for torn in (b"", b"PRD", b"PRD-1 US-1 ", b"PRD-1 US-1 3 4", b"\xff\x00"):
        note.write_bytes(torn)
        (worktree / "half.py").write_bytes(torn)
        driver.prepare("US-1", attempt=3, base=prepared.base)
    assert note.read_text() == "PRD-1 US-1 3\n"


def test_other_worktrees_that_are_missing_are_not_pruned(driver: Driver, tmp_path: Path) -> None:
    users = driver.users
    away = tmp_path / "away"
    users.git("worktree", "add", "--quiet", "--detach", str(away))
    shutil.rmtree(away)
    shutil.rmtree(driver.prepare("US-1")[1])
    driver.prepare("US-1")
    assert (users.path / ".git/worktrees/away").is_dir()


def test_a_repository_that_an_agent_made_is_moved_out_of_the_way(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    for name in ("committed", "late"):
        nested = worktree / name
        nested.mkdir()
        users.git("init", "--quiet", cwd=nested)
        (nested / "file").write_text("nested\n")
        users.git("add", "file", cwd=nested)
        words = ("-c", "user.name=a", "-c", "user.email=b", "commit", "--quiet", "-m", "x")
        users.git(*words, cwd=nested)
        if name == "committed":
            driver.commit(prepared)
    driver.prepare("US-2")
    assert _status(users, worktree) == ""
    aside = users.worktrees / "PRD-1.leftovers"
    assert (aside / "PRD-1.0-committed/file").exists()
    assert (aside / "PRD-1.0-late/file").exists()


def test_a_rebase_that_an_agent_left_does_not_reach_the_next_story(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (_admin(driver.users) / "rebase-merge").mkdir()
    driver.prepare("US-2")
    assert not (_admin(driver.users) / "rebase-merge").exists()
    assert _status(driver.users, worktree) == ""


def test_hooks_of_the_user_do_not_run(driver: Driver) -> None:
    hook = driver.users.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)
    _, worktree = driver.prepare("US-1")
    driver.prepare("US-2")
    assert not (worktree / "hooked").exists()


def test_two_prds_whose_folders_would_be_one_are_told(driver: Driver) -> None:
    driver.prepare("US-1", slot=2)
    clashing = driver.users.repository("PRD-1.2")
    clashing.open_branch(
        OpenBranch(
            prd_id="PRD-1.2",
            wanted_branch="feature/PRD-1.2",
            base="main",
            prd_file="",
            adopt=False,
        )
    )
    clashing.prepare(Prepare(story_id="A", title="t", attempt=1, slot=0))
    with pytest.raises(GitRefused, match="worktree of PRD PRD-1;"):
        clashing.check_out(CheckOut(story_id="A", attempt=1, commit="main"))
