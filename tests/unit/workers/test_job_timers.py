from __future__ import annotations

from collections.abc import Iterator

import pytest

from prd_supervise.workers.jobs.timers import JobTimers
from prd_supervise.workers.process.eventloop import EventLoop


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.close()


def test_time_in_which_the_job_was_held_does_not_count(loop: EventLoop) -> None:
    held_s = 0.0
    rang: list[float] = []
    timers = JobTimers(loop, lambda: held_s)
    began_s = loop.now_s()
    timers.after_work(0.1, lambda: rang.append(loop.now_s() - began_s))
    held_s = 0.15
    loop.run_once()
    assert rang == []
    while not rang:
        loop.run_once()
    assert rang[0] >= 0.25


def test_what_was_held_before_does_not_count_either_way(loop: EventLoop) -> None:
    rang: list[float] = []
    timers = JobTimers(loop, lambda: 1000.0)
    began_s = loop.now_s()
    timers.after_work(0.02, lambda: rang.append(loop.now_s() - began_s))
    loop.run_once()
    assert len(rang) == 1


def test_cancelled_timers_pass_without_effect_also_from_within_one(loop: EventLoop) -> None:
    rang: list[str] = []
    timers = JobTimers(loop, lambda: 0.0)
    now_s = loop.now_s()
    timers.at(now_s, timers.cancel)
    timers.at(now_s, lambda: rang.append("same moment"))
    timers.after_work(0.01, lambda: rang.append("later"))
    loop.call_at(now_s + 0.02, lambda: rang.append("end"))
    while not rang:
        loop.run_once()
    assert rang == ["end"]
