from __future__ import annotations

from collections.abc import Iterator

import pytest

from prd_supervise.workers.jobs.timers import JobTimers
from tests.support.clockwork import Clockwork


@pytest.fixture
def loop() -> Iterator[Clockwork]:
    loop = Clockwork()
    yield loop
    loop.close()


def test_time_in_which_the_job_was_held_does_not_count(loop: Clockwork) -> None:
    held_s = 0.0
    rang: list[str] = []
    timers = JobTimers(loop, lambda: held_s)
    timers.after_work(1.0, lambda: rang.append("over"))
    held_s = 1.5
    loop.pass_by(2.4)
    assert rang == []
    loop.pass_by(0.2)
    assert rang == ["over"]


def test_what_was_held_before_does_not_count_either_way(loop: Clockwork) -> None:
    rang: list[str] = []
    timers = JobTimers(loop, lambda: 1000.0)
    timers.after_work(1.0, lambda: rang.append("over"))
    loop.pass_by(0.9)
    assert rang == []
    loop.pass_by(0.2)
    assert rang == ["over"]


def test_cancelled_timers_pass_without_effect_also_from_within_one(loop: Clockwork) -> None:
    rang: list[str] = []
    timers = JobTimers(loop, lambda: 0.0)
    now_s = loop.now_s()
    timers.at(now_s, timers.cancel)
    timers.at(now_s, lambda: rang.append("same moment"))
    timers.after_work(1.0, lambda: rang.append("later"))
    loop.call_at(now_s + 2.0, lambda: rang.append("end"))
    loop.pass_by(3.0)
    assert rang == ["end"]
