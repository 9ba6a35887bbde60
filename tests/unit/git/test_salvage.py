"""Everything that a worktree can hold is found again after the slot was given to another story."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.remains import remains_of, remove
from prd_supervise.workers.git.salvage import salvage
from prd_supervise.workers.git.salvage.keeping import keep_commit
from prd_supervise.workers.messages.git import CloseBranch

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Users


def _git(users: Users, folder: Path, *words: str) -> str:
    return users.git("-c", "user.name=Agent", "-c", "user.email=a@b", *words, cwd=folder)


def _is_kept(users: Users, commit: str) -> bool:
    return bool(users.git("for-each-ref", f"--contains={commit}", "refs/prd-supervise/salvage"))


def _holds(users: Users, text: str) -> bool:
    """Say whether a blob with this text hangs on a salvage ref."""
    blob = users.git("hash-object", "--stdin", stdin=text)
    listed = users.git("rev-list", "--objects", "--glob=refs/prd-supervise/salvage")
    return blob in {line.partition(" ")[0] for line in listed.split("\n")}


def _aside(users: Users) -> dict[str, Path]:
    folder = users.worktrees / "PRD-1.leftovers"
    return {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}


def _admin(users: Users) -> Path:
    return users.path / ".git/worktrees/PRD-1.0"


def test_a_commit_that_was_reset_away_is_kept(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("lost?\n")
    _git(driver.users, worktree, "add", "--all")
    _git(driver.users, worktree, "commit", "--quiet", "-m", "mine")
    lost = _git(driver.users, worktree, "rev-parse", "HEAD")
    _git(driver.users, worktree, "reset", "--quiet", "--hard", "HEAD^")
    driver.prepare("US-2")
    assert driver.users.salvaged() == {"US-1/1": lost}


def test_all_that_was_lost_stands_in_one_ref_with_the_files(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    lost = []
    for name in ("one", "two"):
        (worktree / "app.py").write_text(name)
        _git(users, worktree, "commit", "--quiet", "--all", "-m", name)
        lost.append(_git(users, worktree, "rev-parse", "HEAD"))
        _git(users, worktree, "reset", "--quiet", "--hard", "HEAD^")
    (worktree / "app.py").write_text("three")
    driver.prepare("US-2")
    assert list(users.salvaged()) == ["US-1/1"]
    assert users.show(users.salvaged()["US-1/1"], "app.py") == "three"
    assert all(_is_kept(users, commit) for commit in lost)


def test_a_commit_that_is_in_a_branch_needs_no_salvage(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (worktree / "app.py").write_text("first\n")
    _git(users, worktree, "commit", "--quiet", "--all", "-m", "first")
    _git(users, worktree, "checkout", "--quiet", "-b", "elsewhere", "main")
    users.seen = users.snapshot()
    driver.prepare("US-2")
    assert users.salvaged() == {}
    users.git("branch", "--quiet", "-D", "elsewhere")
    users.seen = users.snapshot()


def test_what_a_person_threw_away_does_not_come_back(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    _git(users, worktree, "commit", "--quiet", "--allow-empty", "-m", "mine")
    _git(users, worktree, "reset", "--quiet", "--hard", "HEAD^")
    driver.prepare("US-2")
    users.git("update-ref", "-d", "refs/prd-supervise/salvage/PRD-1/US-1/1")
    driver.prepare("US-3")
    assert users.salvaged() == {}


def test_what_is_staged_besides_is_kept(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "app.py").write_text("staged\n")
    _git(driver.users, worktree, "add", "app.py")
    (worktree / "app.py").write_text("newer\n")
    driver.prepare("US-2")
    assert driver.users.show(driver.users.salvaged()["US-1/1"], "app.py") == "newer"
    assert _holds(driver.users, "staged\n")


def test_the_sides_of_a_conflict_are_kept(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    sides = []
    for name in ("ours", "theirs"):
        _git(users, worktree, "checkout", "--quiet", "--detach", "main")
        (worktree / "app.py").write_text(f"{name}\n")
        _git(users, worktree, "commit", "--quiet", "--all", "-m", name)
        sides.append(_git(users, worktree, "rev-parse", "HEAD"))
    with pytest.raises(AssertionError, match="CONFLICT"):
        _git(users, worktree, "merge", sides[0])
    driver.prepare("US-2")
    commit = users.salvaged()["US-1/1"]
    assert "<<<<<<<" in users.show(commit, "app.py")
    assert all(_is_kept(users, side) for side in sides)
    trees = [users.files(parent) for parent in users.git("rev-parse", f"{commit}^@").split("\n")]
    assert any({"ours/app.py", "theirs/app.py", "base/app.py"} <= set(tree) for tree in trees)


def test_conflicts_of_a_stash_are_kept_before_a_commit_takes_them_for_resolved(
    driver: Driver,
) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    blobs = [users.git("hash-object", "-w", "--stdin", stdin=text) for text in "abc"]
    told = "".join(f"100644 {blob} {n}\tapp.py\n" for n, blob in enumerate(blobs, start=1))
    _git(users, worktree, "rm", "--quiet", "--cached", "app.py")
    users.git("update-index", "--index-info", cwd=worktree, stdin=told)
    driver.commit(prepared, partial=True)
    assert all(_holds(users, text) for text in "abc")


def test_the_stash_that_is_the_users_too_is_left_and_kept(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / "app.py").write_text("stashed by the agent\n")
    _git(users, worktree, "stash", "push", "--quiet")
    before = users.git("stash", "list", "--format=%H")
    driver.commit(prepared)
    driver.prepare("US-2")
    told = [note.text for note in driver.repository.take_notes() if note.event == "stashed"]
    assert users.git("stash", "list", "--format=%H") == before
    assert list(users.salvaged().values()) == [before.split("\n")[0]]
    assert len(told) == 1
    assert "US-1 stashed work" in told[0]
    users.git("stash", "drop", "--quiet")
    assert _holds(users, "stashed by the agent\n")


def test_a_stash_of_the_users_own_is_not_taken_for_an_agents(driver: Driver) -> None:
    users = driver.users
    driver.prepare("US-1")
    users.git("stash", "push", "--quiet")
    driver.prepare("US-2")
    assert users.salvaged() == {}
    users.git("stash", "pop", "--quiet", "--index")
    users.seen = users.snapshot()


def test_a_stash_on_a_detached_head_is_known_by_where_it_was_made(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    _git(users, worktree, "checkout", "--quiet", "--detach")
    (worktree / "app.py").write_text("detached\n")
    _git(users, worktree, "stash", "push", "--quiet")
    driver.prepare("US-2")
    assert _holds(users, "detached\n")
    users.git("stash", "drop", "--quiet")


def test_a_file_that_git_cannot_take_is_set_aside(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "git~1").write_text("an odd name\n")
    (worktree / "new.py").write_text("new\n")
    driver.prepare("US-2")
    assert _aside(driver.users)["PRD-1.0-git~1"].read_text() == "an odd name\n"
    assert driver.users.show(driver.users.salvaged()["US-1/1"], "new.py") == "new"
    assert not (worktree / "git~1").exists()


def test_a_socket_and_a_pipe_are_no_work(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    os.mkfifo(worktree / "pipe")
    with socket.socket(socket.AF_UNIX) as found:
        here = Path.cwd()
        os.chdir(worktree)
        found.bind("socket")
        os.chdir(here)
    driver.prepare("US-2")
    assert driver.users.salvaged() == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_an_agent_made_unreadable_is_read_all_the_same(driver: Driver) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "locked").mkdir()
    (worktree / "locked/file").write_text("behind\n")
    (worktree / "locked").chmod(0)
    driver.prepare("US-2")
    assert driver.users.show(driver.users.salvaged()["US-1/1"], "locked/file") == "behind"


@pytest.mark.parametrize("has_commit", [True, False])
def test_a_repository_of_an_agents_is_set_aside_before_its_worktree_goes(
    driver: Driver, *, has_commit: bool
) -> None:
    users = driver.users
    driver.finish("US-1", new="x\n")
    worktree = users.worktrees / "PRD-1.0"
    nested = worktree / "deep/nested"
    nested.mkdir(parents=True)
    users.git("init", "--quiet", cwd=nested)
    (nested / "file").write_text("nested\n")
    if has_commit:
        _git(users, nested, "add", "--all")
        _git(users, nested, "commit", "--quiet", "-m", "nested")
    driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
    assert not worktree.exists()
    assert (_aside(users)["PRD-1.0-nested"] / "file").read_text() == "nested\n"


def test_a_repository_that_is_ignored_goes_with_its_worktree(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    nested = driver.users.worktrees / "PRD-1.0/cache/tool"
    nested.mkdir(parents=True)
    driver.users.git("init", "--quiet", cwd=nested)
    driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
    assert _aside(driver.users) == {}


def test_an_index_that_is_broken_costs_nothing_but_itself(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (worktree / "app.py").write_text("changed\n")
    index = _admin(users) / "index"
    index.write_bytes(b"DIRC" + b"\xff" * 200)
    prepared, _ = driver.prepare("US-2")
    assert users.show(users.salvaged()["US-1/1"], "app.py") == "changed"
    assert users.git("status", "--porcelain", cwd=Path(prepared.worktree)) == ""
    assert "PRD-1.0-index" in _aside(users)


def test_what_was_staged_in_a_folder_that_somebody_deleted_is_kept(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("staged\n")
    _git(users, worktree, "add", "--all")
    shutil.rmtree(worktree)
    driver.prepare("US-2")
    assert users.show(users.salvaged()["US-1/1"], "new.py") == "staged"


def test_a_commit_of_a_folder_that_somebody_deleted_is_kept(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    _git(users, worktree, "commit", "--quiet", "--allow-empty", "-m", "mine")
    lost = _git(users, worktree, "rev-parse", "HEAD")
    _git(users, worktree, "reset", "--quiet", "--hard", "HEAD^")
    shutil.rmtree(worktree)
    driver.prepare("US-2")
    assert _is_kept(users, lost)


def test_commits_that_somebody_made_among_the_verify_commands_are_kept(driver: Driver) -> None:
    users = driver.users
    worktree = driver.check_out(users.head("main"))
    _git(users, worktree, "commit", "--quiet", "--allow-empty", "-m", "by hand")
    lost = _git(users, worktree, "rev-parse", "HEAD")
    driver.check_out(users.head("main"))
    assert _is_kept(users, lost)


def test_the_branch_that_an_agent_deleted_is_kept(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    _git(users, worktree, "commit", "--quiet", "--allow-empty", "-m", "mine")
    lost = _git(users, worktree, "rev-parse", "HEAD")
    _git(users, worktree, "update-ref", "-d", "refs/heads/prd-supervise/PRD-1/US-1")
    driver.prepare("US-2")
    assert _is_kept(users, lost)


def test_git_prune_at_the_same_moment_takes_nothing(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("work\n")
    pruned: list[str] = []

    def prune_first(*words: object, **more: object) -> object:
        if not pruned:
            pruned.append(users.git("prune", "--expire=now"))
        return keep_commit(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(salvage, "keep_commit", prune_first)
    driver.prepare("US-2")
    assert pruned
    assert users.show(users.salvaged()["US-1/1"], "new.py") == "work"


def test_where_objects_vanish_all_the_time_nothing_is_reset(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("work\n")

    def prune_first(*words: object, **more: object) -> object:
        blob = users.git("hash-object", "--stdin", stdin="work\n")
        (users.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        return keep_commit(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(salvage, "keep_commit", prune_first)
    with pytest.raises(GitRefused, match="objects were removed"):
        driver.prepare("US-2")
    assert (worktree / "new.py").read_text() == "work\n"
    assert users.salvaged() == {}


def test_nothing_is_reset_while_the_salvage_cannot_be_written(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, worktree = driver.prepare("US-1")
    (worktree / "new.py").write_text("work\n")

    def full(*_: object, **__: object) -> object:
        raise GitRefused("git add: fatal: No space left on device")

    monkeypatch.setattr(salvage, "keep_commit", full)
    with pytest.raises(GitRefused, match="No space"):
        driver.prepare("US-2")
    assert (worktree / "new.py").read_text() == "work\n"


def test_a_submodule_in_which_somebody_worked_is_set_aside_with_its_history(
    driver: Driver, tmp_path: Path
) -> None:
    users = driver.users
    source = tmp_path / "source"
    source.mkdir()
    users.git("init", "--quiet", cwd=source)
    _git(users, source, "commit", "--quiet", "--allow-empty", "-m", "theirs")
    driver.finish("US-1", new="x\n")
    worktree = users.worktrees / "PRD-1.0"
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(source))
    for name in ("untouched", "worked"):
        _git(users, worktree, *add, name)
    _git(users, worktree / "worked", "commit", "--quiet", "--allow-empty", "-m", "mine")
    users.git("config", "--remove-section", "submodule.untouched")
    users.git("config", "--remove-section", "submodule.worked")
    users.seen = users.snapshot()
    driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
    assert set(_aside(users)) == {"PRD-1.0-worked"}
    words = ["git", "-C", str(_aside(users)["PRD-1.0-worked"]), "log", "--format=%s"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "mine"


def test_a_clean_leaves_what_git_cannot_look_into(driver: Driver) -> None:
    users = driver.users
    _, worktree = driver.prepare("US-1")
    (_admin(users) / "index").write_bytes(b"DIRC" + b"\xff" * 200)
    remains = remains_of(driver.repository._place, is_completed=True)
    assert not any(item.can_go for item in remains.items if "US-1" in item.name)
    gone = remove(remains, is_at_work=lambda: False)
    assert [item.name for item in gone] == ["feature/PRD-1"], "it has nothing that main has not"
    assert (worktree / "app.py").exists()
