from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import git.cmd
import portalocker
import pytest

from prd_supervise.workers.git import place as places
from prd_supervise.workers.git.commands import Commands, GitTooSlowError
from prd_supervise.workers.messages.git import (
    CheckedOut,
    CheckOut,
    CloseBranch,
    Commit,
    Committed,
    GitFailed,
    OpenBranch,
    Prepare,
    Prepared,
)
from prd_supervise.workers.messages.worktrees import NoWorktree

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Users

OPEN = OpenBranch(
    prd_id="PRD-1", wanted_branch="feature/PRD-1", base="main", prd_file="", adopt=False
)
PREPARE = Prepare(story_id="US-1", title="t", attempt=2, slot=0)


def _failure(answer: object) -> GitFailed:
    assert isinstance(answer, GitFailed)
    assert "\n" not in answer.message
    return answer


def _commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every git command from now on."""
    ran: list[str] = []
    execute = git.cmd.Git.execute

    def counted(self: git.cmd.Git, command: list[str], **options: Any) -> Any:  # noqa: ANN401
        ran.append(next(word for word in command[1:] if word != "-c" and "=" not in word))
        return execute(self, command, **options)

    monkeypatch.setattr(git.cmd.Git, "execute", counted)
    return ran


def test_an_answer_is_what_was_asked_for(driver: Driver) -> None:
    request = CheckOut(story_id="US-1", attempt=2, commit=driver.users.head("main"))
    answer = driver.repository.answer(request)
    assert isinstance(answer, CheckedOut)
    assert (answer.story_id, answer.attempt) == ("US-1", 2)


def test_a_refusal_of_git_is_an_answer_in_one_line(driver: Driver) -> None:
    request = CheckOut(story_id="US-1", attempt=2, commit="nonsense")
    failed = _failure(driver.repository.answer(request))
    assert (failed.request, failed.story_id, failed.attempt) == ("CheckOut", "US-1", 2)
    assert failed.message.startswith("git worktree: fatal: ")


def test_a_request_before_the_branch_is_open_is_refused(users: Users) -> None:
    repository = users.repository()
    assert "OpenBranch first" in _failure(repository.answer(PREPARE)).message
    assert _failure(repository.answer(CloseBranch(done=(), keep_slots=()))).story_id == ""


def test_a_folder_without_a_repository_is_an_answer(users: Users) -> None:
    for checkout in (users.path.parent, users.path / "nowhere"):
        failed = _failure(users.repository(checkout=checkout).answer(OPEN))
        assert failed.request == "OpenBranch"


def test_a_git_that_is_not_installed_is_an_answer(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git.cmd.Git, "GIT_PYTHON_GIT_EXECUTABLE", "no-such-git")
    assert "no-such-git" in _failure(driver.repository.answer(PREPARE)).message


def test_no_git_is_run_before_anything_is_asked_of_it(tmp_path: Path) -> None:
    """GitPython, when imported, dies of a git that fails and waits for one that hangs."""
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was-run'\nexit 1\n")
    program.chmod(0o755)
    code = "from prd_supervise.workers.git.commands import Git as g, os; "
    code += "print(g.GIT_PYTHON_GIT_EXECUTABLE, os.environ.get('GIT_PYTHON_GIT_EXECUTABLE'))"
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("git None\n", "")
    assert not (tmp_path / "was-run").exists()


def test_a_git_that_takes_too_long_is_killed_and_told(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = users.path.parent / "slow"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    commands = Commands(users.path, timeout_s=0.05, environment={})
    monkeypatch.setattr(git.cmd.Git, "GIT_PYTHON_GIT_EXECUTABLE", str(script))
    with pytest.raises(GitTooSlowError, match=r"no end within 0\.05 s"):
        commands.ask("status")


def test_a_worktrees_folder_that_cannot_be_made_is_an_answer(driver: Driver) -> None:
    driver.users.worktrees.parent.mkdir(exist_ok=True)
    driver.users.worktrees.write_text("a file in the way\n")
    assert isinstance(driver.repository.answer(PREPARE), NoWorktree)
    driver.users.worktrees.unlink()
    assert not isinstance(driver.repository.answer(PREPARE), GitFailed)


def test_a_lock_that_another_integrator_holds_is_waited_for_not_forever(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LOCK_TIMEOUT_S", 0.05)
    with (users.path / ".git/prd-supervise.lock").open("a") as held:
        portalocker.lock(held, portalocker.LockFlags.EXCLUSIVE)
        failed = _failure(users.repository().answer(OPEN))
    assert "is held by another process" in failed.message
    assert not isinstance(users.repository().answer(OPEN), GitFailed)


def test_merges_do_not_wait_for_the_lock(driver: Driver) -> None:
    driver.finish("US-0", zero="0\n")
    with (driver.users.path / ".git/prd-supervise.lock").open("a") as held:
        portalocker.lock(held, portalocker.LockFlags.EXCLUSIVE)
        driver.finish("US-1", new="x\n")


def test_variables_of_a_hook_that_called_us_lead_nowhere(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = users.path.parent / "elsewhere"
    shutil.copytree(users.path, elsewhere)
    monkeypatch.setenv("GIT_DIR", str(elsewhere / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(elsewhere / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(elsewhere))
    repository = users.repository()
    assert not isinstance(repository.answer(OPEN), GitFailed)
    assert not isinstance(repository.answer(PREPARE), GitFailed)
    assert users.has("refs/heads/feature/PRD-1")
    assert not (elsewhere / ".git/refs/heads/feature").exists()


def test_git_works_without_a_home(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    repository = users.repository()
    assert not isinstance(repository.answer(OPEN), GitFailed)
    assert not isinstance(repository.answer(PREPARE), GitFailed)


def test_a_prd_branch_that_the_user_deleted_is_put_back(driver: Driver) -> None:
    merged = driver.finish("US-1", new="x\n").head
    driver.users.git("branch", "-D", "feature/PRD-1")
    assert isinstance(driver.repository.answer(PREPARE), Prepared)
    assert driver.users.head("feature/PRD-1") == merged
    assert [note.event for note in driver.repository.take_notes()] == ["branch_put_back"]


class Killed(BaseException):
    """The integrator is gone."""


def _die_after(monkeypatch: pytest.MonkeyPatch, commands: int) -> None:
    execute = git.cmd.Git.execute
    left = [commands]

    def dying(self: git.cmd.Git, command: list[str], **options: Any) -> Any:  # noqa: ANN401
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return execute(self, command, **options)

    monkeypatch.setattr(git.cmd.Git, "execute", dying)


@pytest.mark.slow
def test_whichever_git_command_is_the_last_one_the_next_integrator_goes_on(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        ran = _commands(patched)
        _live(driver, "US-0")
    for last in range(len(ran) + 1):
        story_id = f"US-{last + 1}"
        with monkeypatch.context() as patched:
            _die_after(patched, last)
            with contextlib.suppress(Killed):
                _live(driver, story_id)
        driver.repository = driver.users.repository()
        if story_id not in dict(driver.open().merged):
            _live(driver, story_id)
        assert driver.users.show("feature/PRD-1", f"{story_id}.py") == story_id
        assert list(dict(driver.open().merged))[-1] == story_id


def _live(driver: Driver, story_id: str) -> None:
    prepared, worktree = driver.prepare(story_id)
    (worktree / f"{story_id}.py").write_text(story_id)
    driver.publish(driver.trial(driver.commit(prepared)), marked=f"{story_id} is done\n")


def test_the_hot_path_costs_few_git_commands(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.finish("US-0", zero="0\n")
    ran = _commands(monkeypatch)
    prepared, worktree = driver.prepare("US-1")
    assert ran == ["for-each-ref", "ls-files", "status", "ls-files", "checkout", "clean"]
    (worktree / "new.py").write_text("x\n")
    ran.clear()
    committed = driver.commit(prepared)
    assert ran == [
        "ls-files", "status", "add", "diff", "ls-files", "commit", "rev-parse", "rev-list",
    ]  # fmt: skip
    ran.clear()
    tried = driver.trial(committed, base=prepared.base)
    assert ran == [
        "for-each-ref", "merge-tree", "commit-tree", "ls-tree", "cat-file", "checkout", "clean",
    ]  # fmt: skip
    ran.clear()
    driver.publish(tried)
    assert ran == ["for-each-ref", "update-ref", "rev-list"]


@pytest.mark.parametrize(("kills", "is_answered"), [(2, True), (3, False)])
def test_a_git_that_somebody_kills_is_asked_again(
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    kills: int,
    is_answered: bool,
) -> None:
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    wrapper, left = tmp_path / "bin" / "git", tmp_path / "left"
    wrapper.parent.mkdir()
    real = shutil.which("git")
    wrapper.write_text(
        "#!/bin/sh\n"
        f"left=$(cat {left})\n"
        'case "$*" in *" add "*) if [ "$left" -gt 0 ]; then '
        f"echo $((left - 1)) > {left}; kill -9 $$; fi;; esac\n"
        f'exec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    left.write_text(str(kills))
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    request = Commit(
        story_id="US-1",
        title="A title",
        attempt=1,
        base=prepared.base,
        worktree=prepared.worktree,
        partial=False,
    )
    answer = driver.repository.answer(request)
    assert isinstance(answer, Committed if is_answered else GitFailed)
    if isinstance(answer, GitFailed):
        assert "killed by signal 9" in answer.message
