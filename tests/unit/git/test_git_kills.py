"""Git is killed in the middle, for real, wherever it is about to change something."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import git.cmd
import pytest

from prd_supervise.workers.git import repository
from prd_supervise.workers.git.commands import GitKilledError
from prd_supervise.workers.messages.git import CloseBranch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver

STRACE = shutil.which("strace")
# What can leave something half: the kill comes instead of the n-th of them in one process.
CALLS = "write,mkdir,rename,unlink,link,rmdir,fsync,fdatasync,symlink,ftruncate"
# GIT_KILLS=all tries every command and every call, which takes an hour; a number, so many of them.
TRIED = os.environ.get("GIT_KILLS", "8")
CALLS_LIKELY = 12


def _may_trace() -> bool:
    if STRACE is None:
        return False
    done = subprocess.run([STRACE, "-qq", "-o", "/dev/null", "true"], check=False)
    return done.returncode == 0


@dataclass(kw_only=True)
class Killer:
    """A `git` for us alone, which is killed where it is told to be."""

    folder: Path

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make the wrapper, which counts how often it was called."""
        wrapper = self.folder / "git"
        real = shutil.which("git")
        wrapper.write_text(
            "#!/bin/sh\n"
            f"read -r n < {self.folder}/count; n=$((n + 1)); echo $n > {self.folder}/count\n"
            f"read -r k call < {self.folder}/plan\n"
            f'[ $n = "$k" ] || exec {real} "$@"\n'
            f"echo killed > {self.folder}/log\n"
            f"exec {STRACE} -f -qq -o {self.folder}/log -e trace={CALLS} "
            f'-e inject={CALLS}:signal=KILL:when=$call {real} "$@"\n'
        )
        wrapper.chmod(0o755)
        self.plan(0, 0)
        monkeypatch.setattr(git.cmd.Git, "GIT_PYTHON_GIT_EXECUTABLE", str(wrapper))

    def plan(self, command: int, call: int) -> None:
        """Kill the command of this number at this call."""
        (self.folder / "count").write_text("0\n")
        (self.folder / "plan").write_text(f"{command} {call}\n")
        (self.folder / "log").write_text("")

    @property
    def commands(self) -> int:
        """How many git commands there were."""
        return int((self.folder / "count").read_text())

    @property
    def has_killed(self) -> bool:
        """Say whether the kill came off: the command may have fewer calls."""
        return "killed by SIGKILL" in (self.folder / "log").read_text()


@pytest.fixture
def killer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Killer:
    if not _may_trace():
        pytest.skip("strace is not installed, or may not trace here")
    killer = Killer(folder=tmp_path / "bin")
    killer.folder.mkdir()
    killer.install(monkeypatch)
    return killer


def _live(driver: Driver, story_id: str) -> None:
    """Open, salvage, prepare, commit, merge, close: with worktrees made and removed."""
    if story_id not in dict(driver.open().merged):
        _, worktree = driver.prepare(f"{story_id}-lost")
        (worktree / "lost.py").write_text(f"before {story_id}\n")
        (worktree / "app.py").write_text(f"before {story_id}\n")
        prepared, worktree = driver.prepare(story_id)
        (worktree / f"{story_id}.py").write_text("done\n")
        (worktree / "tasks/progress.txt").write_text(f"learnt from {story_id}\n")
        tried = driver.trial(driver.commit(prepared))
        assert not driver.publish(tried, marked=f"{story_id} is done\n").moved
    driver.repository.close_branch(CloseBranch(done=(story_id,), keep_slots=()))


def _moments(killer: Killer, driver: Driver) -> list[tuple[int, int]]:
    _live(driver, "US-0")
    killer.plan(0, 0)
    _live(driver, "US-00")
    every = [(command, call) for command in range(1, killer.commands + 1) for call in range(1, 60)]
    if TRIED == "all":
        return every
    likely = [moment for moment in every if moment[1] <= CALLS_LIKELY]
    random.Random(1).shuffle(likely)  # noqa: S311  no secret
    return likely


def _check(driver: Driver, story_id: str, moment: str) -> None:
    users = driver.users
    assert users.show("feature/PRD-1", f"{story_id}.py") == "done"
    assert users.show("feature/PRD-1", "tasks/prd.json") == f"{story_id} is done"
    lost = [
        commit for name, commit in users.salvaged().items() if name.startswith(f"{story_id}-lost/")
    ]
    assert f"before {story_id}" in {users.show(commit, "lost.py") for commit in lost}
    git_dir = users.path / ".git"
    assert [*git_dir.rglob("*.lock")] == [git_dir / "prd-supervise.lock"]
    assert {each.name for each in users.worktrees.iterdir()} <= {"PRD-1.leftovers"}, moment
    # Git gives up a worktree whose checkout was killed; killed in that, it leaves what it wrote.
    aside = {each.name for each in users.worktrees.rglob("*") if each.is_file()}
    known = users.git("ls-tree", "-r", "--name-only", "feature/PRD-1").split("\n")
    assert aside <= {".git", *(name.rpartition("/")[2] for name in known)}, moment
    assert not list(git_dir.glob("worktrees/*"))
    users.git("fsck", "--no-dangling", "--no-progress")


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("dies_too", [False, True])
def test_git_may_be_killed_anywhere(
    driver: Driver,
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    dies_too: bool,
) -> None:
    """`dies_too`: the integrator goes with it, and a new one goes on."""
    moments = _moments(killer, driver)
    monkeypatch.setattr(repository, "KILLED_MAX", 1 if dies_too else 3)
    killed, beyond = 0, set()
    for number, (command, call) in enumerate(moments, start=1):
        if command in beyond:
            continue
        if TRIED != "all" and killed and number > int(TRIED):
            break
        story_id = f"US-{number}"
        killer.plan(command, call)
        if dies_too:
            with contextlib.suppress(GitKilledError):
                _live(driver, story_id)
            driver.repository = driver.users.repository()
        _live(driver, story_id)
        if killer.has_killed:
            killed += 1
        elif TRIED == "all":
            beyond.add(command)
        _check(driver, story_id, f"{command=} {call=}")
    assert killed > 0
