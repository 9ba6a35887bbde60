from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.workers.jobs.throttle import PERIOD_S, SHARE_MIN, Throttle
from prd_supervise.workers.process.process_table import read_process
from tests.support.clockwork import Clockwork
from tests.support.families import descendants_of

pytestmark = pytest.mark.slow

WITHIN_S = 60.0
WaitUntil = Callable[[Callable[[], bool], float], None]
# A busy loop that leaves a child, and one in a session of its own.
FAMILY = "sleep 600 & setsid sleep 600 & echo up; while :; do :; done"


@pytest.fixture
def loop() -> Iterator[Clockwork]:
    loop = Clockwork()
    yield loop
    loop.close()


@pytest.fixture
def family(tmp_path: Path) -> Iterator[list[int]]:
    with subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline_s = time.monotonic() + WITHIN_S
        while len(members := [process.pid, *descendants_of(process.pid)]) < 3:
            assert time.monotonic() < deadline_s
        yield members
        for pid in reversed(members):
            os.kill(pid, signal.SIGKILL)


def is_stopped(pid: int) -> bool:
    process = read_process(pid)
    return process is not None and process.is_stopped


@pytest.fixture
def is_held(wait_until: WaitUntil) -> Callable[..., None]:
    """Wait until these are stopped: the kernel does that when they come to the processor."""
    return lambda *pids: wait_until(lambda: all(map(is_stopped, pids)), WITHIN_S)


IsHeld = Callable[..., None]


def test_a_share_stops_everything_for_the_rest_of_each_period(
    loop: Clockwork, family: list[int], is_held: IsHeld
) -> None:
    throttle = Throttle(loop)
    throttle.limit(0.25, 0)
    for number in range(3):
        loop.pass_by(0.2 * PERIOD_S)
        assert not any(map(is_stopped, family))
        loop.pass_by(0.3 * PERIOD_S)
        is_held(*family)
        assert throttle.held_s() == pytest.approx((0.75 * number + 0.25) * PERIOD_S)
        loop.pass_by(0.5 * PERIOD_S)


def test_the_whole_share_wakes_everything_at_once_and_for_good(
    loop: Clockwork, family: list[int], is_held: IsHeld
) -> None:
    throttle = Throttle(loop)
    throttle.limit(SHARE_MIN, 0)
    loop.pass_by(0.5 * PERIOD_S)
    is_held(*family)
    throttle.limit(1.0, 0)
    assert not any(map(is_stopped, family))
    held_s = throttle.held_s()
    loop.pass_by(2 * PERIOD_S)
    assert not any(map(is_stopped, family))
    assert throttle.held_s() == held_s


def test_what_comes_anew_is_caught(loop: Clockwork, tmp_path: Path, is_held: IsHeld) -> None:
    throttle = Throttle(loop)
    throttle.limit(0.2, 0)
    loop.pass_by(1.1 * PERIOD_S)
    with subprocess.Popen(["sleep", "600"], cwd=tmp_path) as later:
        loop.pass_by(0.5 * PERIOD_S)
        is_held(later.pid)
        later.kill()


def test_what_stopped_itself_is_not_woken_by_us(
    loop: Clockwork, tmp_path: Path, is_held: IsHeld
) -> None:
    throttle = Throttle(loop)
    with subprocess.Popen(["sh", "-c", "kill -STOP $$"], cwd=tmp_path) as idle:
        is_held(idle.pid)
        throttle.limit(0.5, 0)
        loop.pass_by(1.75 * PERIOD_S)
        assert throttle.held_s() == pytest.approx(0.75 * PERIOD_S)
        throttle.limit(1.0, 0)
        assert is_stopped(idle.pid)
        idle.kill()


def test_what_shall_end_is_awake_until_it_is_gone(
    loop: Clockwork, family: list[int], is_held: IsHeld
) -> None:
    throttle = Throttle(loop)
    throttle.limit(SHARE_MIN, 0)
    loop.pass_by(0.5 * PERIOD_S)
    is_held(*family)
    throttle.wake(family[0])
    assert not any(map(is_stopped, family))
    for _ in range(2):
        loop.pass_by(PERIOD_S)
        assert not any(map(is_stopped, family))
    throttle.over(family[0])
    loop.pass_by(PERIOD_S)
    is_held(*family)


def test_nice_reaches_every_process_and_goes_back(loop: Clockwork, family: list[int]) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    throttle = Throttle(loop)
    throttle.limit(1.0, own + 5)
    assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in family] == [own + 5] * 3
    throttle.limit(1.0, 0)
    may_lower = os.geteuid() == 0
    after = [os.getpriority(os.PRIO_PROCESS, pid) for pid in family]
    assert after == [own if may_lower else own + 5] * 3


def test_nice_reaches_what_comes_later_and_leaves_a_humbler_one_alone(
    loop: Clockwork, tmp_path: Path, wait_until: WaitUntil
) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    throttle = Throttle(loop)
    throttle.limit(0.9, own + 5)
    with (
        subprocess.Popen(["sleep", "600"], cwd=tmp_path) as later,
        subprocess.Popen(["nice", "-n", "9", "sleep", "600"], cwd=tmp_path) as humbler,
    ):
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, humbler.pid) == own + 9, WITHIN_S)
        loop.pass_by(PERIOD_S)
        assert os.getpriority(os.PRIO_PROCESS, later.pid) == own + 5
        assert os.getpriority(os.PRIO_PROCESS, humbler.pid) == own + 9
        later.kill()
        humbler.kill()
