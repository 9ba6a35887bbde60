from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.workers.process import capabilities
from prd_supervise.workers.process.syncing import sync_data, sync_file

F_FULLFSYNC = 51  # macOS


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system is asked for; it does all of it."""
    made: list[str] = []
    for name in ("fdatasync", "fsync"):
        monkeypatch.setattr(os, name, lambda _fd, name=name: made.append(name), raising=False)
    return made


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    yield fd
    os.close(fd)


def answering(monkeypatch: pytest.MonkeyPatch, calls: list[str], number: int) -> None:
    """A system that has F_FULLFSYNC, and answers with this error; 0: it does it."""

    def control(_fd: int, command: int, _argument: int = 0) -> int:
        assert command == F_FULLFSYNC
        calls.append("F_FULLFSYNC")
        if number:
            raise OSError(number, os.strerror(number))
        return 0

    monkeypatch.setattr(fcntl, "F_FULLFSYNC", F_FULLFSYNC, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", control)
    here = replace(capabilities.HERE, data_sync=capabilities.probe().data_sync)
    assert here.data_sync == "F_FULLFSYNC"
    monkeypatch.setattr(capabilities, "HERE", here)


@pytest.mark.parametrize(("name", "data"), [("fdatasync", "fdatasync"), ("fsync", "fsync")])
def test_data_are_synced_by_what_there_is(
    name: str, data: str, fd: int, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "HERE", replace(capabilities.HERE, data_sync=name))
    sync_data(fd)
    sync_file(fd)
    assert calls == [data, "fsync"]


def test_the_drive_s_own_cache_is_emptied_where_that_can_be_asked_for(
    fd: int, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, calls, 0)
    sync_data(fd)
    sync_file(fd)
    assert calls == ["F_FULLFSYNC", "F_FULLFSYNC"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.ENOTTY])
def test_a_file_system_that_does_not_know_it_is_synced_as_any(
    number: int, fd: int, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, calls, number)
    sync_data(fd)
    assert calls == ["F_FULLFSYNC", "fsync"]


def test_a_disk_that_fails_is_no_file_system_that_does_not_know_it(
    fd: int, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, calls, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        sync_data(fd)
    assert calls == ["F_FULLFSYNC"]
