from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage.layout import SOCKET_PATH_BYTES, Layout, runtime_dir


def layout_in(folder: Path) -> Layout:
    state = folder / ".prd-supervise"
    return Layout(
        repository=folder,
        common_dir=folder / ".git",
        state_dir=state,
        worktrees=state / "worktrees",
    )


def test_everything_but_locks_and_the_socket_lies_in_the_state_folder(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    inside = (
        layout.control_link,
        layout.registry,
        layout.events,
        layout.crash_log,
        layout.plan("P"),
        layout.prd("P"),
        layout.story_lock("P", "S"),
        layout.attempt("P", "S", 2),
    )
    assert all(path.is_relative_to(layout.state_dir) for path in inside)
    assert len(set(inside)) == len(inside)
    assert layout.root_lock.parent == layout.git_lock.parent == layout.common_dir
    assert layout.root_lock != layout.git_lock


def test_the_marker_is_the_repository_s_own(tmp_path: Path) -> None:
    one, two = layout_in(tmp_path / "one"), layout_in(tmp_path / "two")
    assert one.marker == layout_in(tmp_path / "one").marker
    assert one.marker != two.marker
    assert one.control_socket != two.control_socket


def test_the_runtime_folder_is_xdg_s_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as given:
        monkeypatch.setenv("XDG_RUNTIME_DIR", given)
        assert runtime_dir() == Path(given) / "prd-supervise"


@pytest.mark.parametrize("given", [None, "", "/no/such/folder"])
def test_without_xdg_s_folder_it_is_one_of_the_user_s_own(
    given: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/var/tmp")  # noqa: S108
    if given is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", given)
    assert runtime_dir() == Path(f"/var/tmp/prd-supervise-{os.getuid()}")  # noqa: S108


def test_a_root_is_looked_for_where_it_says_that_it_listens(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    assert layout.open_socket == layout.control_socket
    layout.state_dir.mkdir()
    layout.control_link.symlink_to("/elsewhere/root.sock")
    assert layout.open_socket == Path("/elsewhere/root.sock")


@pytest.mark.parametrize("length", [1, 70, 83, 84, 85, 120, 200])
def test_a_socket_s_path_is_short_whatever_the_folders_are_called(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = Path("/tmp") / ("x" * length)  # noqa: S108
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(Path, "is_dir", lambda _: True)
    monkeypatch.setattr(os, "access", lambda *_: True)
    path = os.fsencode(layout_in(tmp_path).control_socket)
    assert len(path) < SOCKET_PATH_BYTES
