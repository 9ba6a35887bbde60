from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git import commands
from tests.unit.git.conftest import Driver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.git.conftest import Users

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 9\n"
# It turns what is no pointer into one, as `git-lfs clean` does; whatever it is asked is noted.
GIT_LFS = """#!/bin/sh
echo "$@" >> "$LFS_LOG"
[ "$1" = clean ] || exit 1
first=$(head -c 7)
rest=$(cat)
[ "$first" = version ] && printf '%s%s\\n' "$first" "$rest" || printf 'version of %s\\n' "$first"
"""


@pytest.fixture
def assets(users: Users) -> Iterator[Users]:
    """A repository whose *.bin is with Git LFS, which the user has configured."""
    users.put(".gitattributes", "*.bin filter=lfs -text\n")
    users.put("asset.bin", POINTER)
    users.commit(".gitattributes", "asset.bin")
    for name, value in (
        ("clean", "git-lfs clean -- %f"),
        ("smudge", "git-lfs smudge -- %f"),
        ("process", "git-lfs filter-process"),
        ("required", "true"),
    ):
        users.git("config", f"filter.lfs.{name}", value)
    yield users
    users.git("config", "--remove-section", "filter.lfs")  # for a look at the user's own


@pytest.fixture
def without_lfs() -> Iterator[None]:
    """Whether it is installed is asked once in the life of a process."""
    commands._without_lfs.cache_clear()
    yield
    commands._without_lfs.cache_clear()


@pytest.mark.usefixtures("without_lfs")
def test_without_git_lfs_pointers_stay_pointers_and_are_no_change(
    assets: Users, driver: Driver
) -> None:
    prepared, worktree = driver.prepare("US-1")
    assert (worktree / "asset.bin").read_text() == POINTER
    (worktree / "asset.bin").touch()
    (worktree / "code.py").write_text("x\n")
    committed = driver.commit(prepared)
    assert committed.files == ("code.py",)
    assert assets.show(committed.head, "asset.bin") == POINTER.rstrip("\n")


@pytest.mark.usefixtures("without_lfs")
def test_with_git_lfs_nothing_is_downloaded_and_what_is_new_becomes_a_pointer(
    assets: Users, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git-lfs").write_text(GIT_LFS)
    (tmp_path / "bin/git-lfs").chmod(0o755)
    log = tmp_path / "lfs.log"
    log.touch()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LFS_LOG", str(log))
    assets.git("config", "--unset", "filter.lfs.process")
    driver = Driver(users=assets, repository=assets.repository())
    driver.open()
    prepared, worktree = driver.prepare("US-1")
    assert (worktree / "asset.bin").read_text() == POINTER
    (worktree / "new.bin").write_text("content\n")
    committed = driver.commit(prepared)
    assert committed.files == ("new.bin",)
    assert assets.show(committed.head, "new.bin") == "version of content"
    driver.prepare("US-2")
    assert "smudge" not in log.read_text()
