from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.work import FILES_MAX
from prd_supervise.workers.messages.git import Commit, Committed

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Users

STORY = "refs/heads/prd-supervise/PRD-1/US-1"


def _branch(users: Users, worktree: Path) -> str:
    return users.git("symbolic-ref", "HEAD", cwd=worktree)


def _edit(committed: Committed) -> tuple[str, str]:
    """The PRD file as the agent got it and as it left it."""
    assert committed.prd_edit is not None
    return Path(committed.prd_edit.given).read_text(), Path(committed.prd_edit.left).read_text()


def _gone(committed: Committed) -> str:
    assert committed.prd_edit is not None
    assert not committed.prd_edit.left
    return committed.prd_edit.gone


def test_what_is_new_and_what_is_gone_is_told_apart(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    (worktree / "app.py").unlink()
    (worktree / "tasks/progress.txt").write_text("changed\n")
    (worktree / "here and gone.py").write_text("for a moment\n")
    driver.users.git("add", "--all", cwd=worktree)
    driver.users.git("commit", "--quiet", "-m", "by the agent", cwd=worktree)
    (worktree / "here and gone.py").unlink()
    committed = driver.commit(prepared)
    assert (committed.added, committed.removed, committed.more) == (("new.py",), ("app.py",), 0)
    assert {"app.py", "new.py"} <= {*committed.files}
    assert "here and gone.py" not in committed.files


def _subject(users: Users, commit: str) -> str:
    return users.git("log", "-1", "--format=%s", commit)


def test_what_the_agent_left_is_committed(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "app.py").write_text("changed\n")
    (worktree / "new.py").write_text("new\n")
    committed = driver.commit(prepared)
    users = driver.users
    assert committed.files == ("app.py", "new.py")
    assert (committed.problem, committed.prd_edit) == ("", None)
    assert users.head(STORY) == committed.head
    assert _subject(users, committed.head) == "US-1: A title"
    assert users.git("status", "--porcelain", cwd=worktree) == ""


def test_a_partial_commit_says_so(driver: Driver) -> None:
    prepared, worktree = driver.prepare(attempt=2)
    (worktree / "new.py").write_text("new\n")
    committed = driver.commit(prepared, partial=True)
    assert _subject(driver.users, committed.head) == "US-1: A title (attempt 2, partial)"


def test_no_work_is_no_commit(driver: Driver) -> None:
    prepared, _ = driver.prepare()
    committed = driver.commit(prepared)
    assert (committed.head, committed.files) == (prepared.base, ())


def test_commits_of_the_agent_stay_as_they_are(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    driver.users.git("add", "--all", cwd=worktree)
    driver.users.git("commit", "--quiet", "-m", "the agent's own", cwd=worktree)
    committed = driver.commit(prepared)
    assert _subject(driver.users, committed.head) == "the agent's own"
    assert committed.files == ("new.py",)
    assert driver.commit(prepared) == committed


def test_prd_and_progress_files_are_put_back(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/prd.json").write_text('{"passes": true}\n')
    (worktree / "tasks/progress.txt").write_text("done!\n")
    (worktree / "tasks/progress.md").write_text("done!\n")
    committed = driver.commit(prepared)
    assert _edit(committed) == ('{"passes": false}\n', '{"passes": true}\n')
    assert (committed.files, committed.head) == ((), prepared.base)
    assert (worktree / "tasks/prd.json").read_text() == '{"passes": false}\n'
    assert not (worktree / "tasks/progress.md").exists()
    assert driver.users.git("status", "--porcelain", cwd=worktree) == ""


def test_what_an_agent_wrote_into_a_progress_file_is_salvaged(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/progress.txt").write_text("what I have learned\n")
    driver.commit(prepared)
    (ref,) = driver.users.salvaged().values()
    assert driver.users.show(ref, "tasks/progress.txt") == "what I have learned"


def test_flags_in_the_prd_file_alone_are_not_worth_a_salvage(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/prd.json").write_text('{"passes": true}\n')
    driver.commit(prepared)
    assert driver.users.salvaged() == {}


def test_prd_changes_that_the_agent_committed_are_put_back_as_well(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/prd.json").write_text("mine\n")
    (worktree / "new.py").write_text("new\n")
    driver.users.git("add", "--all", cwd=worktree)
    driver.users.git("commit", "--quiet", "-m", "the agent's own", cwd=worktree)
    committed = driver.commit(prepared)
    assert committed.files == ("new.py",)
    assert _edit(committed) == ('{"passes": false}\n', "mine\n")
    assert driver.users.show(committed.head, "tasks/prd.json") == '{"passes": false}'
    assert _subject(driver.users, committed.head) == "US-1: A title"


def test_a_prd_file_that_the_agent_removed_comes_back_and_is_told(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/prd.json").unlink()
    assert _gone(driver.commit(prepared)) == "was removed"
    assert (worktree / "tasks/prd.json").exists()


def test_a_prd_file_that_became_a_pipe_comes_back(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/prd.json").unlink()
    os.mkfifo(worktree / "tasks/prd.json")
    assert driver.commit(prepared).files == ()
    assert (worktree / "tasks/prd.json").is_file()


def test_a_prd_file_that_became_a_folder_comes_back(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "tasks/prd.json").unlink()
    (worktree / "tasks/prd.json").mkdir()
    (worktree / "tasks/prd.json/x").write_text("x\n")
    assert _gone(driver.commit(prepared)) == "was removed"
    assert (worktree / "tasks/prd.json").is_file()


def test_a_repository_without_a_commit_inside_is_left_out(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "nested").mkdir()
    driver.users.git("init", "--quiet", cwd=worktree / "nested")
    (worktree / "new.py").write_text("new\n")
    assert driver.commit(prepared).files == ("new.py",)


def test_odd_file_names_are_committed_and_told_in_plain_text(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    for name in (b"line\nbreak", b"latin\xff", b"-dash", b":(top)magic", b"*.py"):
        with open(os.fsencode(worktree) + b"/" + name, "w") as file:  # noqa: PTH123
            file.write("x\n")
    files = driver.commit(prepared).files
    assert files == ("*.py", "-dash", ":(top)magic", "latin\\xff", "line\nbreak")


def test_no_more_than_a_hundred_files_are_told(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    for number in range(FILES_MAX + 20):
        (worktree / f"{number:03}.py").write_text("x\n")
    assert len(driver.commit(prepared).files) == FILES_MAX


def test_a_title_is_one_line_and_no_option(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    request = Commit(
        story_id="US-1",
        title="--amend\n\n# PRD-Story: PRD-1/US-9\x00",
        attempt=1,
        base=prepared.base,
        worktree=prepared.worktree,
        partial=False,
    )
    head = driver.repository.commit(request).head
    body = driver.users.git("log", "-1", "--format=%B", head)
    assert body == "US-1: --amend # PRD-Story: PRD-1/US-9"


def test_ignored_files_are_not_committed(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "cache").mkdir()
    (worktree / "cache/warm").write_text("x\n")
    assert driver.commit(prepared).files == ()


def test_hooks_and_signing_of_the_user_do_not_stand_in_the_way(driver: Driver) -> None:
    users = driver.users
    hook = users.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    users.git("config", "commit.gpgSign", "true")
    users.git("config", "commit.cleanup", "strip")
    users.seen = users.snapshot()
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    assert driver.commit(prepared).head != prepared.base


def test_a_user_without_a_name_gets_ours(driver: Driver) -> None:
    users = driver.users
    users.git("config", "--remove-section", "user")
    users.git("config", "user.email", "kept@example.org")
    users.seen = users.snapshot()
    driver.repository = users.repository()
    driver.open()
    head = driver.work("US-1", new="x\n").head
    author = users.git("log", "-1", "--format=%an <%ae> %cn <%ce>", head)
    assert author == "prd-supervise <kept@example.org> prd-supervise <kept@example.org>"


def test_a_worktree_that_git_forgot_is_a_problem_and_its_files_are_kept(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    shutil.rmtree(driver.users.path / ".git/worktrees/PRD-1.0")
    committed = driver.commit(prepared)
    assert "is gone from git" in committed.problem
    assert (driver.users.worktrees / "PRD-1.leftovers/PRD-1.0/new.py").exists()


def make_repository(driver: Driver, folder: Path) -> None:
    folder.mkdir()
    driver.users.git("init", "--quiet", cwd=folder)
    (folder / "inner.txt").write_text("inner\n")
    driver.users.git("add", "--all", cwd=folder)
    identity = ("-c", "user.name=U", "-c", "user.email=u@example.org")
    driver.users.git(*identity, "commit", "--quiet", "-m", "inner", cwd=folder)


@pytest.mark.parametrize("is_committed", [False, True])
def test_a_repository_inside_is_no_submodule_of_the_branch_and_is_told(
    driver: Driver, *, is_committed: bool
) -> None:
    prepared, worktree = driver.prepare()
    make_repository(driver, worktree / "nested")
    (worktree / "new.py").write_text("new\n")
    if is_committed:
        driver.users.git("add", "--all", cwd=worktree)
        driver.users.git("commit", "--quiet", "-m", "all", cwd=worktree)
    committed = driver.commit(prepared)
    assert committed.files == ("new.py",)
    assert committed.kept_out == ("nested (a repository of its own)",)
    assert driver.users.git("ls-tree", committed.head, "nested") == ""
    (note,) = driver.repository.take_notes()
    assert "US-1: nested is a git repository of its own" in note.text
    driver.prepare("US-2")
    assert driver.users.salvaged() == {}
    (aside,) = driver.repository.take_notes()
    assert aside.event == "set_aside"
    kept = Path(aside.text.partition(" it is ")[2].removesuffix(" now"))
    assert (kept / "inner.txt").read_text() == "inner\n"


def test_a_submodule_that_an_agent_adds_stays(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    make_repository(driver, worktree / "lib")
    told = '[submodule "its own name"]\n\tpath = lib\n\turl = ../lib\n'
    (worktree / ".gitmodules").write_text(told)
    committed = driver.commit(prepared)
    assert committed.files == (".gitmodules", "lib")
    assert committed.kept_out == ()


def test_what_was_staged_and_then_changed_again_is_kept(driver: Driver) -> None:
    prepared, worktree = driver.prepare()
    for name in ("changed", "removed"):
        (worktree / name).write_text(f"{name}, first\n")
    driver.users.git("add", "--all", cwd=worktree)
    (worktree / "changed").write_text("second\n")
    (worktree / "removed").unlink()
    assert driver.commit(prepared).files == ("changed",)
    (kept,) = driver.users.salvaged().values()
    assert driver.users.show(kept, "changed") == "changed, first"
    assert driver.users.show(kept, "removed") == "removed, first"
