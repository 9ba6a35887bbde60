"""Hearing of changed files: by inotify, and where there is none."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell import folder_watch
from prd_supervise.supervisor.shell.folder_watch import FolderWatch, Notifier, inotify
from prd_supervise.workers.process.eventloop import EventLoop

DEADLINE_S = 60.0
needs_inotify = pytest.mark.skipif(sys.platform != "linux", reason="there is no inotify")


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "QUIET_S", 0.02)
    monkeypatch.setattr(folder_watch, "POLL_S", 0.02)


def until(loop: EventLoop, is_so: Callable[[], object]) -> None:
    deadline_s = loop.now_s() + DEADLINE_S
    loop.call_at(deadline_s, lambda: None)
    while not is_so():
        assert loop.now_s() < deadline_s
        loop.run_once()


def settle(loop: EventLoop, told: list[str]) -> None:
    """The look that follows the first folders is over."""
    until(loop, lambda: told)
    told.clear()


def is_silent(loop: EventLoop, told: list[str]) -> bool:
    """Nothing is told before a later moment comes."""
    before, due = len(told), list[bool]()
    loop.call_at(loop.now_s() + 0.1, lambda: due.append(True))
    until(loop, lambda: due)
    return len(told) == before


@needs_inotify
def test_a_file_that_is_written_moved_or_removed_is_told_once_it_is_quiet(
    loop: EventLoop, tmp_path: Path
) -> None:
    told: list[str] = []
    watch = FolderWatch(loop, lambda: [tmp_path], lambda: told.append("changed"))
    assert watch.is_told
    settle(loop, told)
    assert is_silent(loop, told)
    told_before: list[int] = []
    for act in (
        lambda: (tmp_path / "a").write_text("x"),
        lambda: os.replace(tmp_path / "a", tmp_path / "b"),  # noqa: PTH105  as editors do
        lambda: os.remove(tmp_path / "b"),  # noqa: PTH107
    ):
        act()
        told_before.append(len(told))
        until(loop, lambda: len(told) > told_before[-1])
        assert is_silent(loop, told)
    watch.close()
    (tmp_path / "c").write_text("x")
    assert is_silent(loop, told)


@needs_inotify
def test_a_folder_that_comes_later_is_heard_as_well(loop: EventLoop, tmp_path: Path) -> None:
    told: list[str] = []
    folders = [tmp_path, tmp_path / "tasks"]
    watch = FolderWatch(loop, lambda: folders, lambda: told.append("changed"))
    settle(loop, told)
    folders[1].mkdir()
    settle(loop, told)
    settle(loop, told)  # once more, for what was in it already
    assert is_silent(loop, told)
    (folders[1] / "prd.json").write_text("{}")
    until(loop, lambda: told)
    watch.close()


@needs_inotify
def test_what_comes_into_a_folder_before_it_is_listened_to_is_seen(
    loop: EventLoop, tmp_path: Path
) -> None:
    """Folders in folders: the inner ones are made after the list, before the watch of the outer."""
    outer, inner = tmp_path / "prds", tmp_path / "prds" / "active"
    looks: list[list[str]] = []

    def folders() -> list[Path]:
        found = [each for each in (tmp_path, outer, inner) if each.is_dir()]
        if outer in found:
            inner.mkdir(exist_ok=True)
        return found

    watch = FolderWatch(
        loop, folders, lambda: looks.append([each.name for each in inner.iterdir()])
    )
    outer.mkdir()
    until(loop, lambda: len(looks) > 1)
    (inner / "prd.json").write_text("{}")
    until(loop, lambda: looks[-1] == ["prd.json"])
    watch.close()


@needs_inotify
def test_many_changes_are_told_together_and_no_stream_of_them_hides_them_for_ever(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "QUIET_S", 30.0)
    monkeypatch.setattr(folder_watch, "QUIET_S_MAX", 0.1)
    told: list[str] = []
    watch = FolderWatch(loop, lambda: [tmp_path], lambda: told.append("changed"))
    settle(loop, told)
    for number in range(50):
        (tmp_path / str(number)).touch()
    until(loop, lambda: told)
    assert told == ["changed"]
    watch.close()


def test_where_the_kernel_does_not_tell_one_looks_again(loop: EventLoop, tmp_path: Path) -> None:
    told: list[str] = []
    watch = FolderWatch(
        loop, lambda: [tmp_path], lambda: told.append("look"), notifier=lambda: None
    )
    assert not watch.is_told
    until(loop, lambda: len(told) > 2)
    watch.close()
    assert is_silent(loop, told)


@needs_inotify
def test_where_there_are_no_more_watches_one_looks_again(loop: EventLoop, tmp_path: Path) -> None:
    class Full:
        """A notifier whose user has used up his watches."""

        def __init__(self, real: Notifier) -> None:
            self.fileno, self.drain, self.close = real.fileno, real.drain, real.close

        def add(self, folder: Path) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    def full() -> Notifier | None:
        real = inotify()
        return None if real is None else Full(real)

    told: list[str] = []
    watch = FolderWatch(loop, lambda: [tmp_path], lambda: told.append("look"), notifier=full)
    assert not watch.is_told
    until(loop, lambda: told)
    watch.close()
