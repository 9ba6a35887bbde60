"""Lock files that a killed git left: ours go, a living process's and the user's do not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.mending import holders
from prd_supervise.workers.git.mending.holders import Holder, holders_of
from prd_supervise.workers.messages.git import CloseBranch, GitFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.git.conftest import Driver, Users

PRD_BRANCH = "feature/PRD-1"
OURS = (
    "refs/heads/feature/PRD-1.lock",
    "refs/heads/prd-supervise/PRD-1/US-1.lock",
    "refs/heads/prd-supervise/PRD-1/US-2.lock",
    "refs/prd-supervise/branches/PRD-1/feature/PRD-1.lock",
    "refs/prd-supervise/bases/PRD-1.lock",
    "refs/prd-supervise/salvage/PRD-1/US-1/1.lock",
    "worktrees/PRD-1/index.lock",
    "worktrees/PRD-1/HEAD.lock",
    "worktrees/PRD-1/ORIG_HEAD.lock",
    "worktrees/PRD-1.0/index.lock",
    "worktrees/PRD-1.0/HEAD.lock",
    "worktrees/PRD-1.0/prd-supervise.index.lock",
)
USERS = (
    "index.lock",
    "HEAD.lock",
    "config.lock",
    "refs/heads/main.lock",
    "refs/stash.lock",
    "refs/heads/prd-supervise/PRD-2/US-1.lock",
    "refs/prd-supervise/branches/PRD-11/feature/PRD-1.lock",
    "worktrees/elsewhere/index.lock",
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "WAIT_S", 0.2)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended after the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def _lock(users: Users, name: str) -> Path:
    lock = users.path / ".git" / name
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    return lock


def _live(driver: Driver, story_id: str) -> None:
    """Each request once, with something to salvage on the way."""
    driver.open()
    _, worktree = driver.prepare("US-1")
    (worktree / "lost.py").write_text(f"by the story before {story_id}\n")
    prepared, worktree = driver.prepare(story_id)
    driver.check_out(prepared.base)
    (worktree / f"{story_id}.py").write_text("done\n")
    (worktree / "tasks/progress.txt").write_text("learnt\n")
    tried = driver.trial(driver.commit(prepared))
    assert not driver.publish(tried, marked=f"{story_id} is done\n").moved
    driver.repository.close_branch(CloseBranch(done=(story_id,), keep_slots=(0,)))
    assert driver.users.show(PRD_BRANCH, f"{story_id}.py") == "done"


def _held_by_git(
    driver: Driver, started: list[subprocess.Popen[bytes]], folder: Path, *words: str
) -> str:
    """A git that works there: it waits for its input."""
    process = subprocess.Popen(
        ["git", *words], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    started.append(process)
    if "update-ref" in words and process.stdin and process.stdout:
        process.stdin.write(b"start\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"start: ok\n"
    assert driver.users.path in folder.parents or driver.users.path == folder
    return str(process.pid)


@pytest.mark.parametrize("name", OURS)
def test_every_lock_of_ours_is_removed_whenever_it_is_met(driver: Driver, name: str) -> None:
    _live(driver, "US-1")
    lock = _lock(driver.users, name)
    _live(driver, "US-2")
    assert name.startswith("worktrees") or not lock.exists()
    assert all(
        "which a git that was killed had left" in x.text for x in driver.repository.take_notes()
    )


@pytest.mark.slow
def test_all_locks_of_ours_at_once_do_not_stop_us(driver: Driver) -> None:
    _live(driver, "US-1")
    for name in OURS:
        _lock(driver.users, name)
    _live(driver, "US-2")
    notes = driver.repository.take_notes()
    assert any("PRD-1.0/index.lock" in note.text for note in notes)
    assert any("heads/feature/PRD-1.lock" in note.text for note in notes)


@pytest.mark.slow
def test_locks_of_the_user_stay_and_do_not_stop_us(driver: Driver) -> None:
    _live(driver, "US-1")
    locks = [_lock(driver.users, name) for name in USERS]
    _live(driver, "US-2")
    assert all(lock.exists() for lock in locks)
    assert driver.repository.take_notes() == ()
    for lock in locks:
        lock.unlink()


@pytest.mark.usefixtures("impatient")
def test_a_lock_of_the_users_packed_refs_is_waited_for_and_named(
    driver: Driver,
) -> None:
    driver.finish("US-1", new="x\n")
    lock = _lock(driver.users, "packed-refs.lock")
    close = CloseBranch(done=("US-1",), keep_slots=())
    answer = driver.repository.answer(close)
    assert isinstance(answer, GitFailed)
    assert f"{lock} is in the way" in answer.message
    assert "remove it if no git of yours is at work" in answer.message
    lock.unlink()
    assert not isinstance(driver.repository.answer(close), GitFailed)


@pytest.mark.usefixtures("impatient")
def test_a_git_of_the_users_that_holds_its_lock_is_named(
    driver: Driver, started: list[subprocess.Popen[bytes]]
) -> None:
    driver.finish("US-1", new="x\n")
    _lock(driver.users, "packed-refs.lock")
    pid = _held_by_git(driver, started, driver.users.path, "update-ref", "--stdin")
    with pytest.raises(GitRefused, match=rf"let git {pid} \(git update-ref --stdin\) end"):
        driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))


def test_a_lock_of_packed_refs_that_we_left_while_deleting_is_removed(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    note = driver.users.path / ".git/prd-supervise.deletes"
    note.touch()
    lock, fresh = _lock(driver.users, "packed-refs.lock"), _lock(driver.users, "packed-refs.new")
    driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
    assert not lock.exists()
    assert not fresh.exists()
    assert not note.exists()


@pytest.mark.usefixtures("impatient")
def test_a_lock_older_than_our_deletion_is_the_users(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    lock = _lock(driver.users, "packed-refs.lock")
    os.utime(lock, (1, 1))
    (driver.users.path / ".git/prd-supervise.deletes").touch()
    with pytest.raises(GitRefused, match="in the way"):
        driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
    assert lock.exists()


@pytest.mark.usefixtures("impatient")
def test_a_lock_that_a_living_process_has_open_stays(
    driver: Driver, started: list[subprocess.Popen[bytes]]
) -> None:
    _live(driver, "US-1")
    lock = _lock(driver.users, "worktrees/PRD-1.0/index.lock")
    code = f"import sys; kept = open({str(lock)!r}); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    started.append(holder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(GitRefused, match=rf"{holder.pid} \(.*; let it end, or end it"):
        driver.prepare("US-2")
    assert lock.exists()
    holder.kill()
    holder.communicate()
    driver.prepare("US-2")
    assert not lock.exists()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_at_work", [True, False])
def test_a_lock_stays_while_a_git_works_in_its_worktree(
    driver: Driver,
    started: list[subprocess.Popen[bytes]],
    *,
    is_at_work: bool,
) -> None:
    _, worktree = driver.prepare("US-1")
    words = ("hash-object", "--stdin") if is_at_work else ("cat-file", "--batch")
    pid = _held_by_git(driver, started, worktree, *words)
    lock = _lock(driver.users, "worktrees/PRD-1.0/index.lock")
    if is_at_work:
        with pytest.raises(GitRefused, match=rf"may be held by git {pid} \(git hash-object"):
            driver.prepare("US-2")
        assert lock.exists()
    else:
        driver.prepare("US-2")  # one that only reads holds nothing


def test_publish_waits_for_a_git_of_the_users_and_goes_on_when_it_ends(
    driver: Driver, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    _held_by_git(driver, started, driver.users.path, "update-ref", "--stdin")
    lock = _lock(driver.users, "refs/heads/feature/PRD-1.lock")

    def seen(lock: Path | None, folders: tuple[Path, ...]) -> tuple[Holder, ...]:
        found = holders_of(lock, folders)
        started[0].kill()
        started[0].wait()
        return found

    monkeypatch.setattr(holders, "holders_of", seen)
    assert driver.publish(tried).head == tried.commit
    assert not lock.exists()


def test_a_lock_that_its_holder_gives_up_is_no_leftover(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    lock = _lock(driver.users, "refs/heads/feature/PRD-1.lock")

    def given_up(*_about: object) -> tuple[Holder, ...]:
        lock.unlink()
        return ()

    monkeypatch.setattr(holders, "holders_of", given_up)
    assert driver.publish(tried).head == tried.commit
    assert driver.repository.take_notes() == ()


def test_opening_sweeps_what_a_person_would_stumble_over(driver: Driver) -> None:
    _live(driver, "US-1")
    locks = [_lock(driver.users, name) for name in OURS if name.startswith("refs/")]
    driver.repository = driver.users.repository()
    driver.open()
    assert not [lock for lock in locks if lock.exists()]
    assert len(driver.repository.take_notes()) == len(locks)


def test_opening_leaves_the_locks_of_agents_that_are_at_work(
    driver: Driver, started: list[subprocess.Popen[bytes]]
) -> None:
    _, worktree = driver.prepare("US-1")
    _held_by_git(driver, started, worktree, "update-ref", "--stdin")
    lock = _lock(driver.users, "refs/heads/prd-supervise/PRD-1/US-1.lock")
    driver.open()
    assert lock.exists()
