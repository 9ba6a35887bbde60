"""Our own record of where the PRD's branch stands, and what it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import git.cmd
import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.messages.git import OpenBranch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users

BRANCH = "feature/PRD-1"
RECORD = "refs/prd-supervise/branches/PRD-1/feature/PRD-1"


def _told(driver: Driver) -> list[str]:
    return [note.event for note in driver.repository.take_notes()]


def _by_hand(users: Users, parent: str = BRANCH) -> str:
    commit = users.git("commit-tree", f"{parent}^{{tree}}", "-p", parent, "-m", "by hand")
    users.git("update-ref", f"refs/heads/{BRANCH}", commit)
    return commit


def _open_at_work(driver: Driver) -> str:
    request = OpenBranch(
        prd_id="PRD-1", wanted_branch=BRANCH, base="main", prd_file="", adopt=False, goes_on=True
    )
    driver.repository = driver.users.repository()
    return driver.repository.open_branch(request).head


def test_the_record_follows_what_we_do(driver: Driver) -> None:
    assert driver.users.head(RECORD) == driver.users.head(BRANCH)
    driver.finish("US-1", new="x\n")
    assert driver.users.head(RECORD) == driver.users.head(BRANCH)
    driver.take('{"other": 1}\n')
    assert driver.users.head(RECORD) == driver.users.head(BRANCH)
    assert _told(driver) == []


def test_a_branch_of_an_older_version_gets_a_record(driver: Driver) -> None:
    driver.users.git("update-ref", "-d", RECORD)
    driver.finish("US-1", new="x\n")
    assert driver.users.head(RECORD) == driver.users.head(BRANCH)


def test_a_commit_by_hand_is_told_once_and_stays(driver: Driver) -> None:
    mine = _by_hand(driver.users)
    driver.finish("US-1", new="x\n")
    assert _told(driver) == ["branch_moved"]
    driver.finish("US-2", newer="y\n")
    assert _told(driver) == []
    assert driver.users.git("merge-base", BRANCH, mine) == mine


def test_a_branch_that_was_rewritten_is_opened_again_and_its_merges_are_kept(
    driver: Driver,
) -> None:
    users = driver.users
    lost = driver.finish("US-1", new="x\n").head
    users.git("update-ref", f"refs/heads/{BRANCH}", "main")
    driver.prepare("US-2")
    assert driver.repository.seen_again() is None, "nobody looked at the branch itself"
    driver.trial(driver.work("US-2", 1, other="y\n"))
    opened = driver.repository.seen_again()
    assert opened is not None
    assert (opened.head, opened.merged) == (users.head("main"), ())
    assert driver.repository.seen_again() is None
    assert users.salvaged()["branch/1"] == lost
    assert "branch_rewritten" in _told(driver)


def test_a_branch_that_was_deleted_while_it_is_worked_on_is_put_back(driver: Driver) -> None:
    merged = driver.finish("US-1", new="x\n").head
    driver.users.git("branch", "-D", BRANCH)
    assert _open_at_work(driver) == merged
    assert _told(driver) == ["branch_put_back"]


def test_a_branch_that_was_deleted_between_two_runs_begins_anew(driver: Driver) -> None:
    users = driver.users
    lost = driver.finish("US-1", new="x\n").head
    users.git("branch", "-D", BRANCH)
    driver.repository = users.repository()
    assert driver.open().merged == ()
    assert users.head(BRANCH) == users.head("main") == users.head(RECORD)
    assert users.salvaged()["branch/1"] == lost
    assert _told(driver) == ["branch_begins_anew"]


@pytest.mark.parametrize("words", [("-D", BRANCH), ("-m", BRANCH, "renamed")])
def test_git_has_nothing_to_say_of_a_branch_that_is_gone(driver: Driver, words: list[str]) -> None:
    """A symbolic ref to it would dangle: fsck calls that an error."""
    users = driver.users
    driver.finish("US-1", new="x\n")
    users.git("branch", *words)
    users.git("fsck", "--no-dangling", "--no-progress")  # raises where it finds an error
    users.git("branch", "-M", "renamed", BRANCH) if "-m" in words else None


def test_a_record_from_which_the_name_is_lost_is_made_again_as_the_journal_knows_it(
    driver: Driver,
) -> None:
    driver.users.git("update-ref", "-d", RECORD)
    request = OpenBranch(
        prd_id="PRD-1", wanted_branch="other", base="main", prd_file="", adopt=False, branch=BRANCH
    )
    driver.repository = driver.users.repository()
    assert driver.repository.open_branch(request).branch == BRANCH
    assert driver.users.head(RECORD) == driver.users.head(BRANCH)


def test_a_branch_that_was_merged_and_deleted_is_put_back(driver: Driver) -> None:
    users = driver.users
    merged = driver.finish("US-1", new="x\n")
    users.git("branch", "taken", BRANCH)
    users.git("branch", "-D", BRANCH)
    driver.repository = users.repository()
    assert driver.open().merged == (("US-1", merged.commit),)
    users.git("branch", "-D", "taken")


def test_a_merge_is_not_even_tried_while_somebody_looks_at_the_branch(
    driver: Driver, tmp_path: Path
) -> None:
    committed = driver.work("US-1", new="x\n")
    driver.users.git("worktree", "add", "--quiet", str(tmp_path / "looking"), BRANCH)
    with pytest.raises(GitRefused, match="is checked out in"):
        driver.trial(committed)
    driver.users.git("worktree", "remove", str(tmp_path / "looking"))
    assert driver.trial(committed).commit


def test_no_garbage_collection_takes_what_a_deleted_branch_had(driver: Driver) -> None:
    users = driver.users
    merged = driver.finish("US-1", new="x\n").head
    users.git("branch", "-D", BRANCH)
    users.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", RECORD)
    users.git("gc", "--quiet", "--prune=now")
    driver.prepare("US-2")
    assert users.head(BRANCH) == merged
    users.git("fsck", "--no-dangling", "--no-progress")


def test_a_branch_that_is_deleted_while_it_is_published_costs_nothing(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = driver.trial(driver.work("US-1", 0, new="new\n"))
    execute, left = git.cmd.Git.execute, [True]

    def deleting(self: git.cmd.Git, command: list[str], *words: Any, **more: Any) -> Any:  # noqa: ANN401
        if left[0] and "update-ref" in command:
            left[0] = False
            driver.users.git("update-ref", "-d", "refs/heads/feature/PRD-1")
        return execute(self, command, *words, **more)

    monkeypatch.setattr(git.cmd.Git, "execute", deleting)
    published = driver.publish(tried)
    assert not left[0]
    assert not published.moved
    assert driver.users.head("feature/PRD-1") == published.head
