from __future__ import annotations

from typing import TYPE_CHECKING

from prd_supervise.workers.messages.git import CloseBranch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver


def _close(driver: Driver, *done: str, keep: tuple[int, ...] = ()) -> tuple[str, ...]:
    request = CloseBranch(done=done, keep_slots=keep)
    return driver.repository.close_branch(request).kept


def _slot(driver: Driver, number: int) -> Path:
    return driver.users.worktrees / f"PRD-1.{number}"


def test_a_prd_that_is_done_leaves_only_its_branch(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    driver.finish("US-2", newer="y\n")
    assert _close(driver, "US-1", "US-2") == ()
    assert list(driver.users.worktrees.iterdir()) == []
    assert not driver.users.has("refs/heads/prd-supervise/")
    assert driver.users.has("refs/heads/feature/PRD-1")
    assert driver.users.git("worktree", "list").count("\n") == 0


def test_closing_twice_is_closing_once(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    assert _close(driver, "US-1") == _close(driver, "US-1") == ()


def test_slots_that_are_kept_stay_with_their_branches(driver: Driver) -> None:
    users = driver.users
    driver.finish("US-1", new="x\n")
    prepared, worktree = driver.prepare("US-2", slot=1)
    (worktree / "half.py").write_text("half\n")
    kept = _close(driver, "US-1", keep=(1,))
    assert kept == (str(users.worktrees / "PRD-1"), prepared.worktree)
    assert (worktree / "half.py").exists()
    assert not _slot(driver, 0).exists()
    assert users.has("refs/heads/prd-supervise/PRD-1/US-2")
    assert not users.has("refs/heads/prd-supervise/PRD-1/US-1")


def test_a_branch_that_somebody_deleted_meanwhile_is_put_back(driver: Driver) -> None:
    head = driver.finish("US-1", new="new\n").head
    driver.users.git("update-ref", "-d", "refs/heads/feature/PRD-1")
    driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
    assert driver.users.head("feature/PRD-1") == head
    assert not driver.users.has("refs/heads/prd-supervise/PRD-1/US-1")


def test_a_branch_that_is_not_merged_stays(driver: Driver) -> None:
    driver.work("US-1", new="x\n")
    _close(driver, "US-1")
    assert driver.users.has("refs/heads/prd-supervise/PRD-1/US-1")


def test_a_branch_that_only_begins_like_a_done_one_stays(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    driver.users.git("branch", "prd-supervise/PRD-1/US-10", "main")
    _close(driver, "US-1")
    assert driver.users.has("refs/heads/prd-supervise/PRD-1/US-10")


def test_the_branch_of_a_slot_that_stays_is_not_taken_from_it(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    _close(driver, "US-1", keep=(0,))
    assert driver.users.has("refs/heads/prd-supervise/PRD-1/US-1")


def test_leftovers_of_a_worktree_are_salvaged_before_it_is_removed(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    (_slot(driver, 0) / "late.py").write_text("late\n")
    _close(driver, "US-1")
    commit = driver.users.salvaged()["US-1/1"]
    assert driver.users.show(commit, "late.py") == "late"


def test_what_was_set_aside_is_told(driver: Driver) -> None:
    stranger = _slot(driver, 0)
    stranger.mkdir(parents=True)
    (stranger / "file").write_text("whose?\n")
    driver.prepare("US-1")
    assert _close(driver) == (str(driver.users.worktrees / "PRD-1.leftovers"),)


def test_worktrees_of_another_prd_stay(driver: Driver) -> None:
    other = driver.users.worktrees / "PRD-10.0"
    driver.users.git("worktree", "add", "--quiet", "--detach", str(other))
    driver.finish("US-1", new="x\n")
    _close(driver, "US-1")
    assert other.is_dir()


def test_the_merge_of_a_deleted_story_branch_is_still_known(driver: Driver) -> None:
    published = driver.finish("US-1", new="x\n")
    _close(driver, "US-1")
    assert driver.open().merged == (("US-1", published.commit),)
