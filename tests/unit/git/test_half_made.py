"""Worktrees that a kill or a power loss left half."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import Answer, GitRefused, refusal
from prd_supervise.workers.git.mending import holders
from prd_supervise.workers.git.mending.leftovers import clear_way
from prd_supervise.workers.git.place import open_place
from prd_supervise.workers.messages.git import CloseBranch

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Users


def _admin(users: Users, name: str = "PRD-1.0") -> Path:
    return users.path / ".git/worktrees" / name


def _is_clean(users: Users, worktree: Path) -> bool:
    return users.git("status", "--porcelain", cwd=worktree) == ""


def _worktrees(users: Users) -> list[str]:
    return sorted(each.name for each in (users.path / ".git/worktrees").iterdir())


_MADE = ("gitdir", ".git", "HEAD", "commondir", "files")  # in git's order


@pytest.mark.parametrize("reached", range(len(_MADE) + 1))
@pytest.mark.parametrize("is_own", [True, False])
def test_one_that_git_was_killed_in_while_making_it_leaves_nothing(
    driver: Driver, reached: int, *, is_own: bool
) -> None:
    users = driver.users
    worktree = _made(driver, is_own=is_own)
    admin = _admin(users, worktree.name)
    (admin / "prd-supervise").unlink()
    (admin / "locked").write_text("initializing")
    for name in _MADE[reached:]:
        found = worktree / "app.py" if name == "files" else admin / name
        found = worktree / name if name == ".git" else found
        found.unlink()
    if reached == 0:
        shutil.rmtree(worktree)
    assert _made(driver, is_own=is_own) == worktree
    assert _is_clean(users, worktree)
    assert _worktrees(users) == [worktree.name]
    assert not (users.worktrees / "PRD-1.leftovers").exists()
    assert driver.repository.take_notes()


def _made(driver: Driver, *, is_own: bool) -> Path:
    return driver.check_out("main") if is_own else driver.prepare("US-1")[1]


@pytest.mark.parametrize("name", ["PRD-1.3", "PRD-2.0"])
@pytest.mark.parametrize("is_reopened", [True, False])
def test_one_that_was_being_made_for_another_story_stops_nobody(
    driver: Driver, name: str, *, is_reopened: bool
) -> None:
    """Git refuses to look at any worktree while one has an empty commondir."""
    users = driver.users
    driver.prepare("US-1", slot=1)
    admin, worktree = _admin(users, name), users.worktrees / name
    shutil.copytree(_admin(users, "PRD-1.1"), admin)
    worktree.mkdir()
    (admin / "prd-supervise").unlink()
    (admin / "gitdir").write_text(f"{worktree}/.git\n")
    (admin / "locked").write_text("initializing")
    (admin / "commondir").write_text("")
    if is_reopened:
        driver.open()
        assert users.git("worktree", "list")
    driver.finish("US-2", two="2\n")
    assert not admin.exists()
    assert not worktree.exists()


def test_a_bare_name_in_git_is_taken_away_and_the_users_are_not(driver: Driver) -> None:
    users = driver.users
    for name in ("PRD-1.0", "PRD-1.01", "PRD-1.0x", "PRD-1.1"):
        _admin(users, name).mkdir(parents=True)
    _, worktree = driver.prepare("US-1")
    assert _is_clean(users, worktree)
    assert _worktrees(users) == ["PRD-1.0", "PRD-1.0x", "PRD-1.1"]


@pytest.mark.parametrize("torn", ["", "re", "ref: refs/heads/prd-sup", "0123\n"])
def test_a_torn_head_is_restored_and_no_work_is_lost(driver: Driver, torn: str) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    (_admin(users) / "HEAD").write_text(torn)
    committed = driver.commit(prepared)
    assert users.show(committed.head, "new.py") == "half"
    assert users.head("prd-supervise/PRD-1/US-1") == committed.head
    assert "restored" in driver.repository.take_notes()[0].text


def test_where_nothing_tells_of_head_the_files_are_set_aside(driver: Driver) -> None:
    prepared, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    admin = _admin(driver.users)
    shutil.rmtree(admin / "logs")
    (admin / "HEAD").write_text("")
    assert "is gone from git" in driver.commit(prepared).problem
    driver.prepare("US-1", attempt=2)
    aside = driver.users.worktrees / "PRD-1.leftovers/PRD-1.0/new.py"
    assert aside.read_text() == "half\n"
    assert "set" in driver.repository.take_notes()[0].text


@pytest.mark.parametrize("name", ["gitdir", "commondir", "index"])
def test_a_torn_file_of_a_worktree_is_written_again(driver: Driver, name: str) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    (_admin(users) / name).write_text("")
    committed = driver.commit(prepared)
    assert committed.files == ("new.py",)
    assert users.show(committed.head, "new.py") == "half"
    assert _is_clean(users, worktree)
    assert _worktrees(users) == ["PRD-1.0"]


def test_a_removal_that_was_killed_is_finished_and_salvages_nothing_anew(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    close = CloseBranch(done=(), keep_slots=())
    (_admin(users) / "prd-supervise.removing").touch()
    shutil.rmtree(worktree / "tasks")
    driver.repository.close_branch(close)
    assert users.salvaged() == {}
    assert not worktree.exists()
    assert not _admin(users).exists()


def test_one_that_is_not_whole_is_left_alone_while_a_git_works_there(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "WAIT_S", 0.1)
    _, worktree = driver.prepare("US-1")
    words = ("git", "update-ref", "--stdin")
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=worktree, stdin=pipe, stdout=pipe, text=True) as at_work:
        assert at_work.stdin is not None
        assert at_work.stdout is not None
        at_work.stdin.write("start\n")
        at_work.stdin.flush()
        assert at_work.stdout.readline() == "start: ok\n"
        (worktree / ".git").unlink()
        with pytest.raises(GitRefused, match=rf"git {at_work.pid} .* works there; let it end"):
            driver.prepare("US-1", attempt=2)
        at_work.stdin.close()
    driver.prepare("US-1", attempt=2)
    assert _is_clean(driver.users, worktree)


def test_a_worktree_that_somebody_living_has_just_made_costs_nothing(driver: Driver) -> None:
    """It was half when git looked; whoever was making it held the lock until it was whole."""
    _, worktree = driver.prepare("US-1")
    answer = Answer(
        status=128, out=b"", err=f"fatal: failed to read {_admin(driver.users)}/commondir: Success"
    )
    place = open_place(
        driver.users.path,
        worktrees=driver.users.worktrees,
        prd_id="PRD-1",
        lock_path=driver.users.path / ".git/half.lock",
        timeout_s=60,
    )
    assert clear_way(place, None, refusal("for_each_ref", answer))
    assert worktree.is_dir()
