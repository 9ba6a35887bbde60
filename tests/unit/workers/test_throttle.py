from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.workers.jobs.throttle import PERIOD_S, SHARE_MIN, Throttle
from prd_supervise.workers.process import descendants
from prd_supervise.workers.process.eventloop import EventLoop
from prd_supervise.workers.process.process_table import read_process

pytestmark = pytest.mark.slow

WITHIN_S = 20.0
# A busy loop that leaves a child, and one in a session of its own.
FAMILY = "sleep 600 & setsid sleep 600 & echo up; while :; do :; done"


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.close()


@pytest.fixture
def family(tmp_path: Path) -> Iterator[list[int]]:
    with subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline_s = time.monotonic() + WITHIN_S
        while len(members := [process.pid, *descendants.descendants_of(process.pid)]) < 3:
            assert time.monotonic() < deadline_s
        yield members
        for pid in reversed(members):
            os.kill(pid, signal.SIGKILL)


def is_stopped(pid: int) -> bool:
    process = read_process(pid)
    return process is not None and process.is_stopped


def turn_until(loop: EventLoop, is_so: Callable[[], bool]) -> None:
    deadline_s = loop.now_s() + WITHIN_S
    while not is_so():
        assert loop.now_s() < deadline_s
        loop.call_at(loop.now_s() + 0.002, lambda: None)
        loop.run_once()


def test_a_share_stops_everything_and_lets_it_go_again(loop: EventLoop, family: list[int]) -> None:
    throttle = Throttle(loop)
    throttle.limit(0.5, 0)
    for _ in range(2):
        turn_until(loop, lambda: all(map(is_stopped, family)))
        turn_until(loop, lambda: not any(map(is_stopped, family)))
    assert throttle.held_s() > PERIOD_S * 0.5


def test_the_whole_share_wakes_everything_at_once_and_for_good(
    loop: EventLoop, family: list[int]
) -> None:
    throttle = Throttle(loop)
    throttle.limit(SHARE_MIN, 0)
    turn_until(loop, lambda: all(map(is_stopped, family)))
    throttle.limit(1.0, 0)
    assert not any(map(is_stopped, family))
    held_s = throttle.held_s()
    until_s = loop.now_s() + 2 * PERIOD_S
    turn_until(loop, lambda: loop.now_s() > until_s)
    assert not any(map(is_stopped, family))
    assert throttle.held_s() == held_s


def test_held_time_is_counted_while_it_passes(loop: EventLoop, family: list[int]) -> None:
    throttle = Throttle(loop)
    throttle.limit(0.1, 0)
    began_s = loop.now_s()
    until_s = began_s + 5 * PERIOD_S
    turn_until(loop, lambda: loop.now_s() > until_s)
    lasted_s = loop.now_s() - began_s
    assert 0.5 * lasted_s < throttle.held_s() < lasted_s
    assert family


def test_a_busy_command_gets_about_its_share(loop: EventLoop, family: list[int]) -> None:
    throttle = Throttle(loop)
    throttle.limit(0.25, 0)

    def used_s() -> float:
        fields = Path(f"/proc/{family[0]}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before_s, began_s = used_s(), loop.now_s()
    turn_until(loop, lambda: loop.now_s() > began_s + 8 * PERIOD_S)
    assert used_s() - before_s < 0.6 * (loop.now_s() - began_s)


def test_what_comes_anew_is_caught(loop: EventLoop, tmp_path: Path) -> None:
    throttle = Throttle(loop)
    throttle.limit(0.2, 0)
    with subprocess.Popen(["sleep", "600"], cwd=tmp_path) as later:
        turn_until(loop, lambda: is_stopped(later.pid))
        later.kill()


def test_what_stopped_itself_is_not_woken_by_us(loop: EventLoop, tmp_path: Path) -> None:
    throttle = Throttle(loop)
    with subprocess.Popen(["sh", "-c", "kill -STOP $$"], cwd=tmp_path) as idle:
        turn_until(loop, lambda: is_stopped(idle.pid))
        throttle.limit(0.5, 0)
        turn_until(loop, lambda: throttle.held_s() > PERIOD_S)
        throttle.limit(1.0, 0)
        assert is_stopped(idle.pid)
        idle.kill()


def test_what_shall_end_is_awake_until_it_is_gone(loop: EventLoop, family: list[int]) -> None:
    throttle = Throttle(loop)
    throttle.limit(SHARE_MIN, 0)
    turn_until(loop, lambda: all(map(is_stopped, family)))
    throttle.wake(family[0])
    assert not any(map(is_stopped, family))
    until_s = loop.now_s() + 2 * PERIOD_S
    turn_until(loop, lambda: loop.now_s() > until_s)
    assert not any(map(is_stopped, family))
    throttle.over(family[0])
    turn_until(loop, lambda: all(map(is_stopped, family)))


def test_nice_reaches_every_process_and_goes_back(loop: EventLoop, family: list[int]) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    throttle = Throttle(loop)
    throttle.limit(1.0, own + 5)
    assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in family] == [own + 5] * 3
    throttle.limit(1.0, 0)
    may_lower = os.geteuid() == 0
    after = [os.getpriority(os.PRIO_PROCESS, pid) for pid in family]
    assert after == [own if may_lower else own + 5] * 3


def test_nice_reaches_what_comes_later_and_leaves_a_humbler_one_alone(
    loop: EventLoop, tmp_path: Path
) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    throttle = Throttle(loop)
    throttle.limit(0.9, own + 5)
    with (
        subprocess.Popen(["sleep", "600"], cwd=tmp_path) as later,
        subprocess.Popen(["nice", "-n", "9", "sleep", "600"], cwd=tmp_path) as humbler,
    ):
        turn_until(loop, lambda: os.getpriority(os.PRIO_PROCESS, later.pid) == own + 5)
        turn_until(loop, lambda: os.getpriority(os.PRIO_PROCESS, humbler.pid) >= own + 9)
        later.kill()
        humbler.kill()
