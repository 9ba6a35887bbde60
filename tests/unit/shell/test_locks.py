from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage.locks import (
    LockBusyError,
    RootLock,
    holder_of,
    lock_for_child,
)

ABOUT: dict[str, object] = {"pid": 4711, "started_at": 12.5}


def test_the_second_taker_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "git" / "root.lock"
    lock = RootLock(path, ABOUT)
    with pytest.raises(LockBusyError) as caught:
        RootLock(path, {"pid": 1})
    assert json.loads(str(caught.value)) == ABOUT
    assert holder_of(path) == ABOUT
    lock.close()
    assert holder_of(path) is None
    again = RootLock(path, {"pid": 2})
    assert holder_of(path) == {"pid": 2}
    again.close()


def test_nobody_holds_a_lock_that_was_never_made(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "root.lock") is None
    assert not (tmp_path / "root.lock").exists()


def test_what_a_killed_root_left_in_the_file_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "root.lock"
    path.write_text(json.dumps({"pid": 123456, "started_at": 99999999999.25, "more": "text"}))
    assert holder_of(path) is None
    lock = RootLock(path, ABOUT)
    assert holder_of(path) == ABOUT
    lock.close()


@pytest.mark.parametrize("text", ["", "not JSON", "[1]"])
def test_a_holder_that_has_not_said_who_it_is_holds_it_all_the_same(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "lock"
    path.write_text(text)
    held = lock_for_child(path)
    assert holder_of(path) == {}
    held.close()
    assert holder_of(path) is None


@pytest.mark.slow
def test_those_who_only_look_never_keep_root_from_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "root.lock"
    RootLock(path, ABOUT).close()
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from prd_supervise.supervisor.shell.storage.locks import holder_of\n"
        "print('ready', flush=True)\n"
        "while True: holder_of(Path(sys.argv[1]))\n"
    )
    argv = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as looker:
        assert looker.stdout is not None
        assert looker.stdout.readline() == "ready\n"
        try:
            for _ in range(3000):
                RootLock(path, ABOUT).close()
        finally:
            looker.kill()


@pytest.mark.slow
def test_two_who_look_do_not_take_each_other_for_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "root.lock"
    RootLock(path, ABOUT).close()
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(theirs, b"1")
        while True:
            holder_of(path)
    try:
        os.read(ours, 1)
        assert [holder_of(path) for _ in range(3000)] == [None] * 3000
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ours)
        os.close(theirs)


def heir(lock: Connection) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock.fileno(),))


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_story_s_lock_is_held_until_the_last_heir_has_closed_it(tmp_path: Path) -> None:
    path = tmp_path / "story" / "lock"
    lock = lock_for_child(path)
    heirs = [heir(lock), heir(lock)]
    lock.close()
    for each in heirs:
        with pytest.raises(LockBusyError):
            lock_for_child(path)
        end(each)
    lock_for_child(path).close()


def test_a_story_s_lock_is_not_inherited_by_accident(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = lock_for_child(path)
    other = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    lock.close()
    lock_for_child(path).close()
    end(other)


def test_root_s_lock_is_not_inherited(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = RootLock(path, ABOUT)
    other = subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False)
    lock.close()
    assert holder_of(path) is None
    end(other)
