from __future__ import annotations

from pathlib import Path

from prd_supervise.workers.messages.landing import RollBack, RolledBack
from tests.unit.git.conftest import Driver

BRANCH = "feature/PRD-1"


def roll_back(driver: Driver) -> RolledBack:
    answer = driver.repository.answer(RollBack())
    assert isinstance(answer, RolledBack), answer
    return answer


def test_the_branch_stands_where_it_began_and_its_head_is_kept(driver: Driver) -> None:
    head = driver.finish("US-1", new="x\n").head
    base = driver.users.head("main")
    answer = roll_back(driver)
    assert answer.commit == base == driver.users.head(BRANCH)
    assert driver.users.head(answer.ref) == head
    assert answer.ref == "refs/prd-supervise/salvage/PRD-1/branch/1"


def test_going_back_twice_is_going_back_once(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    roll_back(driver)
    again = roll_back(driver)
    assert (again.commit, again.ref, again.kept) == (driver.users.head("main"), "", "")
    assert len(driver.users.salvaged()) == 1


def test_each_head_is_kept_under_a_ref_of_its_own(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    first = roll_back(driver).ref
    driver.finish("US-1", newer="y\n")
    second = roll_back(driver).ref
    assert first != second
    assert driver.users.show(second, "newer.py") == "y"


def test_a_branch_that_is_checked_out_stays(driver: Driver, tmp_path: Path) -> None:
    head = driver.finish("US-1", new="x\n").head
    driver.users.git("worktree", "add", "--quiet", str(tmp_path / "look"), BRANCH)
    answer = roll_back(driver)
    assert "is checked out in" in answer.kept
    assert driver.users.head(BRANCH) == head


def test_what_somebody_else_committed_on_top_of_ours_stays(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    users = driver.users
    tree = users.git("rev-parse", f"{BRANCH}^{{tree}}")
    mine = users.git("commit-tree", tree, "-p", BRANCH, "-m", "my own")
    users.git("update-ref", f"refs/heads/{BRANCH}", mine)
    assert roll_back(driver).kept == f"{mine[:10]} on {BRANCH} is somebody else's commit"
    assert users.head(BRANCH) == mine


def test_what_an_adopted_branch_had_before_stays(users_driver: Driver) -> None:
    users = users_driver.users
    tree = users.git("rev-parse", "main^{tree}")
    old = users.git("commit-tree", tree, "-p", "main", "-m", "older work")
    users.git("update-ref", f"refs/heads/{BRANCH}", old)
    users_driver.open(adopt=True)
    users_driver.finish("US-1", new="x\n")
    assert roll_back(users_driver).commit == old
    assert users.head(BRANCH) == old
