from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest

from prd_supervise.workers.attempt.temporary import (
    make_temporary,
    remove_tree,
    sweep_temporary,
)


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("prd_supervise.workers.attempt.temporary._BASE_CHARS_MAX", 1000)
    return folder


def test_it_is_for_its_user_alone_and_short_enough_for_sockets(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_temporary("0123456789abcdef", "PRD-1", "US-" + "9" * 60)
    assert folder.parent == base
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(folder.name) <= 32
    monkeypatch.setattr("prd_supervise.workers.attempt.temporary._BASE_CHARS_MAX", 3)
    short = make_temporary("0123456789abcdef", "PRD-1", "US-1")
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(short / ("s" * 60)))
    finally:
        remove_tree(short)
    assert not short.exists()


def test_it_goes_however_deep_it_is_and_whatever_may_not_be_written(base: Path) -> None:
    folder = make_temporary("m", "P", "S")
    here = os.open(folder, os.O_RDONLY)
    for _ in range(3000):  # deeper than Python recurses, and than a path is long
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (folder / "closed").mkdir()
    (folder / "closed/file").touch()
    (folder / "closed").chmod(0)
    remove_tree(folder)
    assert list(base.iterdir()) == []


def test_what_a_killed_worker_left_of_a_story_goes_and_nobody_else_s(base: Path) -> None:
    mine, other_story = make_temporary("m", "P", "S"), make_temporary("m", "P", "T")
    other_tree = make_temporary("n", "P", "S")
    (base / f"{mine.name}x").symlink_to(other_tree)
    (base / f"{mine.name}y").touch()
    sweep_temporary("m", "P", "S")
    assert not mine.exists()
    assert other_story.exists()
    assert other_tree.exists()
    sweep_temporary("m")
    assert not other_story.exists()
    assert other_tree.exists()


def test_what_is_gone_already_is_no_fault(base: Path) -> None:
    remove_tree(base / "gone")
    sweep_temporary("m")
