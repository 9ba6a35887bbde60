"""The machine goes down in the middle of a night, comes up again, and the night ends as without."""

from __future__ import annotations

import json
import shutil
import signal
import uuid
from collections import Counter
from pathlib import Path

import pytest

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

pytestmark = pytest.mark.chaos

HOOK = Path(__file__).parents[1] / "support" / "another_boot"
USERS = ("index.lock", "HEAD.lock", "config.lock", "shallow.lock", "refs/heads/main.lock")
FAILS_FIRST = {"run": ["sh", "-c", '[ "$PRD_SUPERVISE_ATTEMPT" != 1 ]']}


class Machine:
    """What a reboot takes: every process, the folders of the boot, the boot's own name."""

    def __init__(self, tree: Tree, folder: Path) -> None:
        self._tree = tree
        self._boot_id = folder / "boot_id"
        tree.env |= {"PYTHONPATH": str(HOOK), "BOOT_ID_FILE": str(self._boot_id)}
        self._boot_id.write_text(f"{uuid.uuid4()}\n")

    def reboot(self, run: Run) -> None:
        """The power goes, and comes back."""
        pids = sorted(each.pid for each in self._tree.everybody())
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                kill(pid, number)
        run.wait_exit(-9)
        for name in ("XDG_RUNTIME_DIR", "TMPDIR"):
            folder = Path(self._tree.env[name])
            shutil.rmtree(folder)
            folder.mkdir(mode=0o700)
        self._boot_id.write_text(f"{uuid.uuid4()}\n")


@pytest.fixture
def machine(tree: Tree, tmp_path: Path) -> Machine:
    return Machine(tree, tmp_path)


def begin(repo: Repo, tree: Tree, **settings: object) -> Run:
    """Run a PRD until one story is done, one has failed once, and one is at work."""
    repo.prd(
        story("US-1"),
        story("US-2", FAILS_FIRST, write("US-2.txt", "x\n")),
        story(
            "US-3", write("half.txt", "half\n"), {"say": "at work"}, HOLD, write("US-3.txt", "x\n")
        ),
        story("US-4", dependsOn=["US-3"]),
    )
    repo.configure(restart={"max_attempts": 2}, **settings)
    repo.commit()
    run = tree.begin()
    tree.wait_event("merged", story="US-1")
    tree.wait_event("merged", story="US-2")
    tree.wait_said("US-3", "at work")
    return run


def test_a_night_across_a_reboot_ends_as_without(repo: Repo, tree: Tree, machine: Machine) -> None:
    run = begin(repo, tree)

    machine.reboot(run)
    tree.go()

    shown = tree.run("status", code=0).out
    assert "the machine was restarted at 20" in shown
    assert tree.prd()["state"] == "interrupted"
    tree.begin("resume").wait_exit(0)
    assert Counter(repo.merged("feature/ALPHA")) == Counter(f"ALPHA/US-{n}" for n in range(1, 5))
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    stories = tree.prd()["stories"]
    assert {name: each["losses"]["ordinary"] for name, each in stories.items()} == {
        "US-1": 0,
        "US-2": 1,
        "US-3": 0,
        "US-4": 0,
    }
    assert stories["US-3"]["attempt"] == 2
    assert len(tree.events("rebooted")) == 1
    assert "restarted" not in tree.run("status", code=0).out


def of_ours(git: Path) -> list[Path]:
    """What a git of ours leaves, in every worktree of ours and at every ref."""
    admins = [each.parent for each in (git / "worktrees").glob("*/gitdir")]
    refs = ("heads/feature/ALPHA", "heads/prd-supervise/ALPHA/US-3", "prd-supervise/bases/ALPHA")
    return [
        *(git / "refs" / f"{each}.lock" for each in refs),
        *(admin / name for admin in admins for name in ("index.lock", "HEAD.lock")),
    ]


def test_what_git_left_in_the_boot_before_is_ours_to_remove_or_is_let_alone(
    repo: Repo, tree: Tree, machine: Machine
) -> None:
    run = begin(repo, tree)
    machine.reboot(run)
    tree.go()
    git = repo.path / ".git"
    ours = of_ours(git)
    assert len(ours) > 4
    users = [git / name for name in USERS]
    for lock in (*ours, *users):
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    (git / "gc.pid").write_text("1 another-host")
    for admin in {each.parent for each in ours if each.parent.parent.name == "worktrees"}:
        (admin / "MERGE_HEAD").write_text(f"{repo.git('rev-parse', 'HEAD')}\n")
        (admin / "index").write_bytes(b"")

    tree.begin("resume").wait_exit(0)

    assert Counter(repo.merged("feature/ALPHA")) == Counter(f"ALPHA/US-{n}" for n in range(1, 5))
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    assert not [lock for lock in ours if lock.exists()]
    assert all(lock.exists() for lock in users)
    for lock in users:
        lock.unlink()


def test_within_one_boot_nobody_speaks_of_another(repo: Repo, tree: Tree, machine: Machine) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.run("start", code=0)
    tree.run("resume", code=0)
    assert machine is not None
    assert not tree.events("rebooted")
    registry = json.loads((repo.state / "registry.json").read_text())
    assert registry["boot"]
