from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.salvage.salvage import salvage_worktree
from prd_supervise.workers.git.worktree.worktrees import find_worktree, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users


def _status(users: Users, worktree: Path) -> str:
    return users.git("status", "--porcelain", cwd=worktree)


def _branch(users: Users, worktree: Path) -> str:
    return users.git("symbolic-ref", "HEAD", cwd=worktree).removeprefix("refs/heads/")


def _admin(users: Users, slot: int = 0) -> Path:
    return users.path / f".git/worktrees/PRD-1.{slot}"


def test_a_new_story_starts_at_the_head_of_the_prd_branch(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    users = driver.users
    assert prepared.base == prepared.head == users.head("feature/PRD-1")
    assert worktree == users.worktrees / "PRD-1.0"
    assert _branch(users, worktree) == "prd-supervise/PRD-1/US-1"
    assert (worktree / "app.py").read_text() == "one\ntwo\nthree\n"


def test_a_slot_is_used_again_clean_but_with_its_ignored_files(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "cache").mkdir()
    (worktree / "cache/warm").write_text("warm\n")
    (worktree / "app.py").write_text("changed\n")
    (worktree / "new").mkdir()
    (worktree / "new/file").write_text("new\n")
    driver.prepare("US-2")
    assert (worktree / "cache/warm").exists()
    assert _status(driver.users, worktree) == ""
    assert not (worktree / "new").exists()
    assert _branch(driver.users, worktree) == "prd-supervise/PRD-1/US-2"


def test_what_the_story_before_left_is_salvaged(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1", attempt=3)
    (worktree / "app.py").write_text("changed\n")
    (worktree / "odd\nname \udcff").write_text("new\n")
    driver.prepare("US-2")
    users = driver.users
    assert list(users.salvaged()) == ["US-1/3"]
    commit = users.salvaged()["US-1/3"]
    assert users.show(commit, "app.py") == "changed"
    assert users.show(commit, "odd\nname \udcff") == "new"
    assert users.head(f"{commit}^") == users.head("main")


def test_a_clean_worktree_leaves_no_salvage(driver: Driver) -> None:
    driver.prepare("US-1")
    driver.prepare("US-2")
    driver.prepare("US-2", attempt=2)
    assert driver.users.salvaged() == {}


def test_salvage_is_never_overwritten_by_other_content(driver: Driver) -> None:
    users = driver.users
    for text in ("first", "first", "second"):
        _, worktree = driver.prepare("US-1", attempt=1)
        (worktree / "app.py").write_text(text)
    driver.prepare("US-1", attempt=1)
    salvaged = users.salvaged()
    assert sorted(salvaged) == ["US-1/1", "US-1/1.2"]
    assert users.show(salvaged["US-1/1"], "app.py") == "first"
    assert users.show(salvaged["US-1/1.2"], "app.py") == "second"


def test_salvage_does_not_touch_the_index_of_the_worktree(driver: Driver) -> None:
    _, path = driver.prepare()
    (path / "app.py").write_text("changed\n")
    place = driver.repository._place
    worktree = find_worktree(place, path)
    assert worktree is not None
    index = (worktree.admin / "index").read_bytes()
    assert salvage_worktree(place, worktree, state_of(worktree), None).ref
    assert (worktree.admin / "index").read_bytes() == index
    assert not (worktree.admin / "prd-supervise.index").exists()


def test_commits_on_a_detached_head_are_salvaged(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1", attempt=2)
    users.git("checkout", "--quiet", "--detach", cwd=worktree)
    users.git("commit", "--quiet", "--allow-empty", "-m", "lost?", cwd=worktree)
    lost = users.git("rev-parse", "HEAD", cwd=worktree)
    driver.prepare("US-2")
    assert users.salvaged() == {"US-1/2": lost}


def test_a_story_that_goes_on_keeps_its_commits_and_its_base(driver: Driver) -> None:
    committed = driver.work("US-1", new="x\n")
    base = driver.users.head("feature/PRD-1")
    driver.prepare("US-2")
    driver.finish("US-3", other="y\n")
    prepared, worktree = driver.prepare("US-1", attempt=2, base=base)
    assert (prepared.base, prepared.head) == (base, committed.head)
    assert (worktree / "new.py").exists()


def test_a_story_that_goes_on_gets_its_leftovers_as_a_commit(driver: Driver) -> None:
    first, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("half\n")
    prepared, _ = driver.prepare("US-1", attempt=2, base=first.base)
    users = driver.users
    subject = users.git("log", "-1", "--format=%s", prepared.head)
    assert subject == "US-1: A title (attempt 1, partial)"
    assert users.show(prepared.head, "new.py") == "half"
    assert (prepared.base, _status(users, worktree)) == (first.base, "")


def test_a_story_that_goes_on_without_its_leftovers_has_them_salvaged(driver: Driver) -> None:
    committed = driver.work("US-1", new="x\n")
    base = driver.users.head("main")
    worktree = driver.users.worktrees / "PRD-1.0"
    (worktree / "half.py").write_text("half\n")
    prepared, _ = driver.prepare("US-1", attempt=2, base=base, keeps_leftovers=False)
    assert (prepared.base, prepared.head) == (base, committed.head)
    assert not (worktree / "half.py").exists()
    assert driver.users.show(driver.users.salvaged()["US-1/1"], "half.py") == "half"


def test_a_story_leaves_a_red_base_once_the_branch_has_moved(driver: Driver) -> None:
    committed = driver.work("US-1", new="x\n")
    base = driver.users.head("feature/PRD-1")
    stays, _ = driver.prepare("US-1", attempt=2, base=base, leaves_base=True)
    assert (stays.base, stays.head) == (base, committed.head)
    driver.finish("US-3", mended="y\n")
    prepared, worktree = driver.prepare("US-1", attempt=3, base=base, leaves_base=True)
    assert prepared.base == prepared.head == driver.users.head("feature/PRD-1")
    assert (worktree / "mended.py").exists()
    assert driver.users.salvaged()["US-1/2"] == committed.head


def test_a_story_whose_branch_is_gone_starts_afresh(driver: Driver) -> None:
    first, worktree = driver.prepare("US-1")
    driver.prepare("US-2")
    driver.users.git("branch", "-D", "prd-supervise/PRD-1/US-1")
    driver.finish("US-3", other="y\n")
    prepared, _ = driver.prepare("US-1", attempt=2, base=first.base)
    assert prepared.base == driver.users.head("feature/PRD-1") != first.base
    assert worktree.exists()


def test_a_story_branch_that_is_reset_is_salvaged(driver: Driver) -> None:
    committed = driver.work("US-1", new="x\n")
    prepared, worktree = driver.prepare("US-1", attempt=2)
    assert prepared.head == driver.users.head("feature/PRD-1")
    assert driver.users.salvaged() == {"US-1/1": committed.head}
    assert not (worktree / "new.py").exists()


def test_a_story_moves_to_another_slot_with_its_leftovers(driver: Driver) -> None:
    first, old = driver.prepare("US-1", slot=0)
    (old / "new.py").write_text("half\n")
    prepared, worktree = driver.prepare("US-1", attempt=2, slot=1, base=first.base)
    assert (worktree / "new.py").read_text() == "half\n"
    assert worktree.name == "PRD-1.1"
    assert driver.users.git("rev-parse", "HEAD", cwd=old) == prepared.head


def test_a_story_moves_to_a_slot_that_it_had_before(driver: Driver) -> None:
    prepared, _ = driver.prepare()
    _, second = driver.prepare(slot=1, base=prepared.base)
    (second / "half.py").write_text("half\n")
    _, first = driver.prepare(slot=0, base=prepared.base)
    assert (first / "half.py").read_text() == "half\n"


def test_a_story_that_starts_afresh_in_another_slot_salvages_the_old_one(driver: Driver) -> None:
    _, old = driver.prepare("US-1", slot=0)
    (old / "new.py").write_text("half\n")
    _, worktree = driver.prepare("US-1", attempt=2, slot=1)
    assert not (worktree / "new.py").exists()
    commit = driver.users.salvaged()["US-1/1"]
    assert driver.users.show(commit, "new.py") == "half"


def test_a_story_branch_that_the_user_looks_at_is_left_alone(
    driver: Driver, tmp_path: Path
) -> None:
    driver.work("US-1", new="x\n")
    driver.prepare("US-2")
    looking = tmp_path / "looking"
    driver.users.git("worktree", "add", "--quiet", str(looking), "prd-supervise/PRD-1/US-1")
    with pytest.raises(GitRefused, match=r"is checked out in .*looking"):
        driver.prepare("US-1", attempt=2)
    assert _status(driver.users, looking) == ""
