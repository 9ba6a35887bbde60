from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.workers.process import capabilities
from prd_supervise.workers.process.eventloop import EventLoop
from prd_supervise.workers.process.exit_watch import watch_exit
from tests.support import kqueues

WITHIN_S = 30.0
WAYS = ["pidfd", "kqueue", "kqueue of FreeBSD", "looking"]


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system that has this way and none that comes before it."""
    for name, value in kqueues.NAMES.items():
        monkeypatch.setattr(select, name, value, raising=False)
    way = str(request.param)
    monkeypatch.setattr(kqueues.Kqueue, "zombies_are_gone", way != "kqueue of FreeBSD")
    has_kqueue = way.startswith("kqueue")
    here = replace(capabilities.HERE, pidfd=way == "pidfd", kqueue=has_kqueue)
    monkeypatch.setattr(capabilities, "HERE", here)
    return way


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def is_dead(pid: int) -> bool:
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, pid, options) is not None


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def turn_until(loop: EventLoop, told: list[bool], count: int) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while len(told) < count:
        assert time.monotonic() < deadline_s, told
        loop.call_at(loop.now_s() + 0.05, lambda: None)
        loop.run_once()


def test_an_end_is_told_again_and_again_until_the_watch_is_closed(
    loop: EventLoop, way: str, child: subprocess.Popen[bytes]
) -> None:
    before = open_descriptors()
    told: list[bool] = []
    watch = watch_exit(loop, child.pid, lambda: told.append(is_dead(child.pid)), look_every_s=0.01)
    assert watch.is_told is (way != "looking")

    watch.send(signal.SIGTERM)
    turn_until(loop, told, 3 if way != "looking" else 50)

    assert told[-1]
    watch.close()
    watch.close()
    count = len(told)
    for _ in range(3):
        loop.call_at(loop.now_s() + 0.01, lambda: None)
        loop.run_once()
    assert len(told) == count
    assert open_descriptors() == before


def test_whoever_has_ended_before_it_is_watched_is_told_as_well(
    loop: EventLoop,
    way: str,  # noqa: ARG001
    child: subprocess.Popen[bytes],
) -> None:
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    told: list[bool] = []
    watch = watch_exit(loop, child.pid, lambda: told.append(True), look_every_s=0.01)
    turn_until(loop, told, 2)
    watch.close()


def test_one_who_closes_the_watch_when_it_is_called_is_not_called_again(
    loop: EventLoop,
    way: str,  # noqa: ARG001
    child: subprocess.Popen[bytes],
) -> None:
    told: list[bool] = []

    def on_end() -> None:
        if is_dead(child.pid):
            watch.close()
            told.append(True)

    watch = watch_exit(loop, child.pid, on_end, look_every_s=0.01)
    child.kill()
    turn_until(loop, told, 1)
    loop.call_at(loop.now_s() + 0.05, lambda: told.append(False))
    turn_until(loop, told, 2)
    assert told == [True, False]


def test_who_is_no_child_of_ours_is_watched_as_well(
    loop: EventLoop, monkeypatch: pytest.MonkeyPatch, child: subprocess.Popen[bytes]
) -> None:
    """As a child watches its parent."""
    monkeypatch.setattr(select, "kqueue", kqueues.Kqueue, raising=False)
    with subprocess.Popen(["sh", "-c", "sleep 600 & echo $!"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        grandchild = int(shell.stdout.readline())
    told: list[bool] = []
    watch = watch_exit(loop, grandchild, lambda: told.append(True))
    assert not told
    os.kill(grandchild, signal.SIGKILL)
    turn_until(loop, told, 1)
    watch.close()
    assert child.poll() is None


def test_without_descriptors_it_looks(
    loop: EventLoop, way: str, child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(24, "too many open files")

    monkeypatch.setattr(os, "pidfd_open", refused)
    monkeypatch.setattr(select, "kqueue", refused)
    told: list[bool] = []
    watch = watch_exit(loop, child.pid, lambda: told.append(is_dead(child.pid)), look_every_s=0.01)
    assert not watch.is_told, way
    child.kill()
    turn_until(loop, told, 10)
    assert any(told)
    watch.close()
