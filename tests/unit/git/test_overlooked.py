"""What an agent tells git to overlook, and what git never comes back from."""

from __future__ import annotations

import pytest

from prd_supervise.workers.git.commands import GitTooSlowError
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import Commit

from .conftest import Driver, Users

FLAGS = ["--assume-unchanged", "--skip-worktree"]


@pytest.mark.parametrize("flag", FLAGS)
def test_an_edit_that_git_was_told_to_overlook_is_committed(driver: Driver, flag: str) -> None:
    prepared, worktree = driver.prepare()
    driver.users.git("update-index", flag, "app.py", cwd=worktree)
    (worktree / "app.py").write_text("edited\n")

    committed = driver.commit(prepared)

    assert committed.files == ("app.py",)
    assert driver.users.show(committed.head, "app.py") == "edited"


@pytest.mark.parametrize("flag", FLAGS)
def test_an_edit_that_git_was_told_to_overlook_is_salvaged_and_not_inherited(
    driver: Driver, flag: str
) -> None:
    _, worktree = driver.prepare("US-1")
    driver.users.git("update-index", flag, "app.py", "tasks/progress.txt", cwd=worktree)
    (worktree / "app.py").write_text("edited\n")
    (worktree / "tasks/progress.txt").unlink()

    _, again = driver.prepare("US-2")

    assert again == worktree
    (kept,) = driver.users.salvaged().values()
    assert driver.users.show(kept, "app.py") == "edited"
    assert (worktree / "app.py").read_text() == "one\ntwo\nthree\n"
    assert (worktree / "tasks/progress.txt").is_file()


def test_an_edit_is_seen_where_git_is_configured_to_take_files_for_unchanged(
    driver: Driver,
) -> None:
    driver.users.git("config", "core.ignoreStat", "true")
    driver.users.seen = driver.users.snapshot()
    prepared, worktree = driver.prepare()
    (worktree / "app.py").write_text("edited\n")

    assert driver.commit(prepared).files == ("app.py",)


def test_a_filter_that_hangs_is_waited_for_once_and_named(driver: Driver, users: Users) -> None:
    prepared, worktree = driver.prepare()
    users.git("config", "filter.slow.clean", "sleep 600")
    users.seen = users.snapshot()
    (worktree / ".gitattributes").write_text("*.bin filter=slow\n")
    (worktree / "a.bin").write_text("x\n")
    lock = users.path / ".git" / "prd-supervise.lock"
    hasty = PrdRepository(users.path, users.worktrees, "PRD-1", lock, timeout_s=5.0)
    driver.repository = hasty
    driver.open()
    request = Commit(
        story_id=prepared.story_id,
        title="A title",
        attempt=prepared.attempt,
        base=prepared.base,
        worktree=prepared.worktree,
        partial=False,
        copies="",
    )

    with pytest.raises(GitTooSlowError, match=r"no end within 5 s; .* a filter"):
        hasty.commit(request)


def test_a_base_that_an_agent_has_replaced_is_still_the_base(driver: Driver, users: Users) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "work.py").write_text("work\n")
    users.git("add", "work.py", cwd=worktree)
    users.git("commit", "--quiet", "-m", "mine", cwd=worktree)
    other = users.git("commit-tree", "-m", "other", "HEAD^{tree}", cwd=worktree)
    users.git("replace", prepared.base, other, cwd=worktree)

    committed = driver.commit(prepared)
    users.git("replace", "--delete", prepared.base)

    assert committed.files == ("work.py",)
