from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.finding import found
from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import CloseBranch, Prepare
from prd_supervise.workers.messages.rules import WorktreeRules
from prd_supervise.workers.messages.worktrees import NoWorktree

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Users

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  another file system


def told_to(driver: Driver, rules: WorktreeRules) -> None:
    """Go on with a new integrator that has these rules."""
    driver.repository = driver.users.repository(rules=rules)
    driver.open()


def excluded(users: Users) -> list[str]:
    return (users.path / ".git/info/exclude").read_text().splitlines()


def test_a_glob_means_what_is_below_the_top_and_looks_into_no_link(tmp_path: Path) -> None:
    for name in ("a/.env", "a/b/.env", "node_modules/x/node_modules/y", "other/.git/HEAD"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "other/.env").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert list(found(tmp_path, "**/.env")) == ["a/.env", "a/b/.env"]
    assert list(found(tmp_path, "*/.env")) == ["a/.env", "other/.env"]
    assert list(found(tmp_path, "**/node_modules")) == ["node_modules"]
    assert list(found(tmp_path, "./a/b/**")) == ["a/b"]
    assert list(found(tmp_path, "../*")) == list(found(tmp_path, "none")) == []
    assert list(found(tmp_path, "**/.git/HEAD")) == []


def test_nothing_is_put_behind_a_folder_that_is_a_link(users: Users, driver: Driver) -> None:
    users.put("conf/local.txt", "mine\n")
    told_to(driver, WorktreeRules(copy=("conf/local.txt",)))
    prepared, worktree = driver.prepare("US-1")
    assert (worktree / "conf/local.txt").read_text() == "mine\n"
    outside = users.path.parent / "outside"
    outside.mkdir()
    (worktree / "conf/local.txt").unlink()
    (worktree / "conf").rmdir()
    (worktree / "conf").symlink_to(outside)
    driver.commit(prepared)
    driver.prepare("US-1", attempt=2, base=prepared.base)
    assert list(outside.iterdir()) == []
    users.seen = users.snapshot()  # its own file is ignored now: docs/worktrees.md says so


def test_what_git_does_not_ignore_yet_gets_a_line_that_means_it_alone(
    users: Users, driver: Driver
) -> None:
    users.put("cache/a.txt", "ignored\n")
    users.put("odd*[name]", "x\n")
    told_to(driver, WorktreeRules(copy=("cache/a.txt", "odd?[[]name]")))
    prepared, worktree = driver.prepare("US-1")
    assert (worktree / "odd*[name]").is_file()
    lines = excluded(users)
    assert "/odd\\*\\[name]" in lines
    assert not any("cache" in line for line in lines)
    (worktree / "oddity").write_text("work\n")
    assert driver.commit(prepared).files == ("oddity",)
    driver.prepare("US-2")
    assert lines == excluded(users)
    users.seen = users.snapshot()  # its own file is ignored now: docs/worktrees.md says so


def test_what_is_no_longer_named_goes_and_a_link_s_target_stays(
    users: Users, driver: Driver
) -> None:
    users.put("cache/shared/file", "x\n")
    told_to(driver, WorktreeRules(link=("cache/shared",), copy=("cache/none",)))
    _, worktree = driver.prepare("US-1")
    assert (worktree / "cache/shared").readlink() == users.path / "cache/shared"
    notes = [note.text for note in driver.repository.take_notes()]
    assert any("is called cache/none" in text for text in notes)
    driver.prepare("US-2")
    assert driver.repository.take_notes() == ()
    told_to(driver, WorktreeRules())
    driver.prepare("US-3")
    assert not (worktree / "cache/shared").is_symlink()
    assert (users.path / "cache/shared/file").read_text() == "x\n"


def test_a_link_in_the_way_of_a_story_s_files_is_replaced_and_not_written_through(
    users: Users, driver: Driver
) -> None:
    users.put("cache/shared/file", "the user's\n")
    told_to(driver, WorktreeRules(link=("cache/shared",)))
    prepared, worktree = driver.prepare("US-1")
    (worktree / "cache/shared").unlink()
    (worktree / "cache/shared").mkdir()
    (worktree / "cache/shared/file").write_text("the story's\n")
    users.git("add", "--force", "cache/shared/file", cwd=worktree)
    users.git("commit", "--quiet", "-m", "x", cwd=worktree)
    committed = driver.commit(prepared)
    driver.prepare("US-2")
    assert (worktree / "cache/shared").is_symlink()
    shown = driver.check_out(committed.head)
    assert (shown / "cache/shared/file").read_text() == "the story's\n"
    assert (users.path / "cache/shared/file").read_text() == "the user's\n"


def test_too_little_free_disk_is_an_answer_with_figures_and_the_slots_that_stand(
    driver: Driver,
) -> None:
    driver.prepare("US-1", slot=1)
    told_to(driver, WorktreeRules(free_bytes_min=1 << 60))
    request = Prepare(story_id="US-2", title="x", attempt=1, slot=2)
    answer = driver.repository.answer(request)
    assert isinstance(answer, NoWorktree)
    assert answer.slots == (1,)
    assert "less than 1048576 TiB" in answer.message


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="there is no second file system")
def test_worktrees_can_stand_on_another_disk(users: Users, driver: Driver) -> None:
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY, prefix="prd-test-") as folder:
        lock = users.path / ".git/prd-supervise.lock"
        driver.repository = PrdRepository(users.path, Path(folder, "deep/er"), "PRD-1", lock)
        driver.open()
        _, worktree = driver.prepare("US-1")
        assert worktree == Path(folder, "deep/er/PRD-1.0")
        driver.finish("US-1", new="x\n")
        assert users.show("feature/PRD-1", "new.py") == "x"
        driver.repository.close_branch(CloseBranch(done=("US-1",), keep_slots=()))
        assert not worktree.exists()


def test_a_path_that_differs_from_another_prd_s_in_case_alone_is_refused_and_stays(
    users: Users, driver: Driver
) -> None:
    """A link stands for a file system on which both names mean one folder."""
    _, worktree = driver.prepare("US-1")
    worktree.with_name("prd-1.0").symlink_to(worktree)
    driver.repository = users.repository("prd-1")
    driver.open()
    with pytest.raises(GitRefused, match="is a worktree of PRD PRD-1; give one of the two another"):
        driver.prepare("US-1")
    assert (worktree / "app.py").is_file()
    driver.repository = users.repository()
    driver.open()
    driver.prepare("US-2")


def test_a_link_in_a_copied_folder_stays_one_where_what_it_leads_to_is_in_the_worktree(
    users: Users, driver: Driver
) -> None:
    """As in node_modules: a tool finds what lies beside it only through its link."""
    outside = users.path.parent / "elsewhere"
    outside.mkdir()
    (outside / "python").write_text("#!interpreter\n")
    users.put("cache/lib/tool.js", "tool\n")
    users.put("cache/other.txt", "other\n")
    for name, led in {
        "bin/tool": "../lib/tool.js",
        "lib64": "lib",
        "app": "../../app.py",
        "far": "../other.txt",
        "python": str(outside / "python"),
        "outside": str(outside),
    }.items():
        link = users.path / "cache/modules" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(led)
    users.put("cache/modules/lib/tool.js", "mine\n")
    told_to(driver, WorktreeRules(copy=("cache/modules",)))

    for story in ("US-1", "US-2"):
        _, worktree = driver.prepare(story)
        modules = worktree / "cache/modules"
        assert (modules / "bin/tool").readlink() == Path("../lib/tool.js")
        assert (modules / "lib64/tool.js").read_text() == "mine\n"
        assert (modules / "app").resolve() == worktree / "app.py"
        for name, text in {"far": "other\n", "python": "#!interpreter\n"}.items():
            assert not (modules / name).is_symlink()  # what an agent writes is its own
            assert (modules / name).read_text() == text
        assert not (modules / "outside").exists()
        (modules / "bin/tool").unlink()
        (modules / "bin/tool").write_text("the agent's\n")
    (note,) = (note.text for note in driver.repository.take_notes())
    assert "cache/modules/outside is left out: it is a link to a folder outside" in note


def test_what_is_named_and_cannot_be_copied_is_told(users: Users, driver: Driver) -> None:
    (users.path / "cache").mkdir()
    (users.path / "cache/broken").symlink_to("/nowhere")
    os.mkfifo(users.path / "cache/.env")
    told_to(driver, WorktreeRules(copy=("cache/broken", "cache/.env")))
    driver.prepare("US-1")
    assert [note.text.partition(": ")[2] for note in driver.repository.take_notes()] == [
        "cache/.env is left out: it is no file",
        "cache/broken is left out: it is a link to nothing",
    ]
