from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from prd_supervise.workers.messages.landing import PlanPush, PushPlanned
from tests.unit.git.conftest import Driver, Users

BRANCH = "feature/PRD-9"


def plan(driver: Driver) -> PushPlanned:
    answer = driver.repository.answer(PlanPush(number=1, into=BRANCH))
    assert isinstance(answer, PushPlanned), answer
    return answer


def push(planned: PushPlanned, **env: str) -> tuple[int, str]:
    """Run the command as a worker does."""
    done = subprocess.run(
        ["/bin/sh", "-c", planned.command],
        cwd=planned.folder,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nonexistent", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def grow(users: Users, message: str = "more") -> str:
    """Let the branch have one commit more."""
    tree = users.git("rev-parse", f"{BRANCH}^{{tree}}")
    commit = users.git("commit-tree", tree, "-p", BRANCH, "-m", message)
    users.git("update-ref", f"refs/heads/{BRANCH}", commit)
    return commit


def follow(users: Users) -> None:
    """Take what the remote's branch is now as the user's own doing."""
    users.seen = users.snapshot()


@pytest.fixture
def remote(driver: Driver, tmp_path: Path) -> Path:
    path = tmp_path / "remote.git"
    users = driver.users
    users.git("branch", BRANCH, "main")
    users.git("init", "--quiet", "--bare", str(path))
    users.git("remote", "add", "origin", str(path))
    users.git("push", "--quiet", "origin", BRANCH)
    follow(users)
    return path


def at(driver: Driver, remote: Path) -> str:
    return driver.users.git("rev-parse", BRANCH, cwd=remote)


def test_a_branch_goes_to_origin(driver: Driver, remote: Path) -> None:
    commit = grow(driver.users)
    planned = plan(driver)
    assert planned.remote == "origin"
    assert push(planned)[0] == 0
    assert at(driver, remote) == commit
    follow(driver.users)
    assert plan(driver).command == ""  # the remote has it


def test_a_remote_may_be_named_as_seen_from_the_checkout(driver: Driver, remote: Path) -> None:
    users = driver.users
    users.git("remote", "set-url", "origin", os.path.relpath(remote, users.path))
    commit = grow(users)
    assert push(plan(driver))[0] == 0
    assert at(driver, remote) == commit
    follow(users)


def test_a_branch_goes_to_its_upstream_by_the_name_that_it_has_there(
    driver: Driver, remote: Path
) -> None:
    users = driver.users
    users.git("remote", "rename", "origin", "hub")
    users.git("config", f"branch.{BRANCH}.remote", "hub")
    users.git("config", f"branch.{BRANCH}.merge", "refs/heads/there")
    commit = grow(users)
    planned = plan(driver)
    assert planned.remote == "hub"
    assert push(planned)[0] == 0
    assert users.git("rev-parse", "there", cwd=remote) == commit
    follow(users)


def test_a_remote_that_has_moved_since_it_was_seen_is_left(driver: Driver, remote: Path) -> None:
    users = driver.users
    before = at(driver, remote)
    grow(users)
    planned = plan(driver)
    tree = users.git("rev-parse", f"{before}^{{tree}}")
    theirs = users.git("commit-tree", tree, "-p", before, "-m", "theirs")
    users.git("push", "--quiet", str(remote), f"{theirs}:refs/heads/{BRANCH}")
    code, said = push(planned)
    assert code != 0
    assert "stale info" in said
    assert at(driver, remote) == theirs


def test_a_remote_with_commits_that_we_have_not_is_not_asked(driver: Driver, remote: Path) -> None:
    users = driver.users
    ahead = grow(users)
    users.git("push", "--quiet", "origin", BRANCH)
    users.git("update-ref", f"refs/heads/{BRANCH}", f"{ahead}^")
    grow(users, "another")
    follow(users)
    assert plan(driver).problem.startswith(f"origin has commits that {BRANCH} does not have")
    assert at(driver, remote) == ahead


def test_without_a_remote_nothing_is_pushed(driver: Driver) -> None:
    driver.users.git("branch", BRANCH, "main")
    assert plan(driver).problem == "there is no remote origin"


@pytest.mark.usefixtures("remote")
def test_no_password_is_told(driver: Driver) -> None:
    users = driver.users
    address = "http://robot:s3cret@127.0.0.1:9/x.git"
    users.git("remote", "set-url", "origin", address)
    follow(users)
    grow(users)
    planned = plan(driver)
    assert "s3cret" not in planned.command
    code, said = push(planned)
    assert code != 0
    assert "127.0.0.1" in said
    assert "s3cret" not in said
    users.git("config", f"branch.{BRANCH}.remote", address)
    follow(users)
    assert plan(driver).problem == "there is no remote http://***@127.0.0.1:9/x.git"


@pytest.mark.usefixtures("remote")
def test_no_hook_and_no_prompt_runs(driver: Driver) -> None:
    users = driver.users
    hook = users.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    grow(users)
    planned = plan(driver)
    for word in ("GIT_TERMINAL_PROMPT=0", "BatchMode=yes", "GIT_ASKPASS=false"):
        assert word in planned.command
    assert push(planned)[0] == 0
    follow(users)
