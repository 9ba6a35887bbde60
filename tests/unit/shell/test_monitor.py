from __future__ import annotations

import errno
import time
from collections.abc import Callable

import pytest

from prd_supervise.policies.ceilings.pressure import HostSample
from prd_supervise.policies.ceilings.verdicts import Attempt, Ceilings, Sample
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.ceilings.kinship import Kinship, Worker
from prd_supervise.supervisor.shell.ceilings.monitor import Monitor, Sampling
from prd_supervise.supervisor.shell.ceilings.sampling import Sampler
from prd_supervise.workers.messages.prd import EndAttempt, LimitStoryCpu, StoryAtRest, StoryAtWork
from prd_supervise.workers.process import capabilities
from prd_supervise.workers.process.eventloop import EventLoop
from tests.support.ceilings_night import MIB, NONE
from tests.support.e2e_processes import kill
from tests.support.worker_player import RUN, Play

PASS_S = 0.02
WAIT_S_MAX = 60.0
PLENTY = HostSample(available_bytes=1 << 50)

needs_proc = pytest.mark.skipif(
    not capabilities.HERE.subreaper, reason="acts with Linux's subreapers"
)


class Notes:
    """Where verdicts go: kept, to be looked at."""

    def __init__(self) -> None:
        self.orders: list[EndAttempt | LimitStoryCpu] = []
        self.events: list[tuple[str, Attempt | None]] = []
        self.admissions: list[bool] = []

    def send(self, prd_id: str, order: EndAttempt | LimitStoryCpu) -> None:
        """Keep an order."""
        assert prd_id == "A"
        self.orders.append(order)

    def tell(self, event: str, text: str, attempt: Attempt | None) -> None:
        """Keep an event."""
        assert text
        self.events.append((event, attempt))

    def admit(self, *, is_admitting: bool, why: str) -> None:
        """Keep what is said of admission."""
        assert why
        self.admissions.append(is_admitting)

    @property
    def named(self) -> list[str]:
        """The names of the events."""
        return [event for event, _ in self.events]


class Desk:
    """A monitor on a loop."""

    def __init__(
        self,
        loop: EventLoop,
        ceilings: Ceilings,
        *,
        sampler: Sampling | None = None,
        read_host: Callable[[], HostSample] = lambda: PLENTY,
    ) -> None:
        self.loop = loop
        self.notes = Notes()
        self.monitor = Monitor(
            loop, sampler or Sampler(Kinship(RUN)), read_host, ceilings, self.notes, pass_s=PASS_S
        )

    def begin(self, worker: Worker) -> None:
        """Say that the worker is at work."""
        self.monitor.on_word(
            "A",
            StoryAtWork(
                story_id=worker.attempt.story_id,
                attempt=worker.attempt.number,
                pid=worker.pid,
                start_ticks=worker.start_ticks,
            ),
        )

    def run_until(self, is_so: Callable[[], object]) -> None:
        """Let passes go by."""
        deadline_s = time.monotonic() + WAIT_S_MAX
        while not is_so():
            assert time.monotonic() < deadline_s, (self.notes.orders, self.notes.events)
            assert self.monitor.is_watching, "nothing more is to come"
            self.loop.run_once()


@needs_proc
@pytest.mark.slow
def test_a_story_that_eats_memory_is_told_of_then_ended_with_the_sample_that_decided(
    loop: EventLoop, play: Play
) -> None:
    worker, _ = play("eats")
    desk = Desk(loop, replace(NONE, memory_high=20 * MIB))
    desk.begin(worker)
    desk.run_until(lambda: desk.notes.orders)
    assert desk.notes.events == [
        ("memory_high", worker.attempt),
        ("memory_stopped", worker.attempt),
    ]
    (order,) = desk.notes.orders
    assert isinstance(order, EndAttempt)
    assert (order.story_id, order.attempt) == ("US-1", 2)
    assert (order.kind, order.at_once) == (OutcomeKind.OUT_OF_MEMORY, False)
    assert "MiB in 1 process, over memory_high (20 MiB) in 3 samples in a row" in order.detail
    usage = desk.monitor.usage("A", "US-1")
    assert usage is not None
    assert 40 * MIB < usage.memory_bytes < 60 * MIB


@needs_proc
@pytest.mark.slow
def test_shared_pages_kill_nobody(loop: EventLoop, play: Play) -> None:
    worker, _ = play("shares")  # 5 x 40 MiB that are 40 MiB
    desk = Desk(loop, replace(NONE, memory_max=120 * MIB))
    desk.begin(worker)
    desk.run_until(lambda: desk.monitor.usage("A", "US-1") is not None)
    for _ in range(5):
        loop.run_once()
    assert desk.notes.orders == []


@needs_proc
@pytest.mark.slow
def test_too_many_processes_are_killed_at_once(loop: EventLoop, play: Play) -> None:
    worker, _ = play("forks")
    desk = Desk(loop, replace(NONE, processes=11))
    desk.begin(worker)
    desk.run_until(lambda: desk.notes.orders)
    (order,) = desk.notes.orders
    assert isinstance(order, EndAttempt)
    assert (order.kind, order.at_once) == (OutcomeKind.OVER_LIMIT, True)
    assert order.detail == "12 processes, over the ceiling (11)"


@needs_proc
@pytest.mark.slow
def test_one_that_spins_is_made_nice(loop: EventLoop, play: Play) -> None:
    worker, _ = play("spins")
    desk = Desk(loop, replace(NONE, cpu_percent=0.5))
    desk.begin(worker)
    desk.run_until(lambda: desk.notes.orders)
    assert desk.notes.orders == [LimitStoryCpu(story_id="US-1", attempt=2, share=1.0, nice=10)]
    assert desk.notes.named == ["cpu_niced"]


@needs_proc
@pytest.mark.slow
def test_it_watches_while_a_worker_lives_and_not_longer(loop: EventLoop, play: Play) -> None:
    worker, _ = play("zombies")
    desk = Desk(loop, NONE)
    assert not desk.monitor.is_watching
    desk.begin(worker)
    assert desk.monitor.is_watching
    kill(worker.pid)  # its supervisor may be dead as well: nobody says that the story rests
    deadline_s = time.monotonic() + WAIT_S_MAX
    while desk.monitor.is_watching:
        assert time.monotonic() < deadline_s
        loop.run_once()
    assert desk.monitor.usage("A", "US-1") is None


class Empty:
    """A sampler that sees what it is told."""

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error

    def take(self, workers: object, near: object) -> list[Sample]:
        """Give nothing, or fail."""
        assert workers is not None
        assert near is not None
        if self.error is not None:
            raise self.error
        return []


WORKER = Worker(
    attempt=Attempt(prd_id="A", story_id="1", number=1), pid=1, start_ticks=1, began_at_s=0.0
)


def test_when_the_story_rests_the_next_pass_is_the_last_one(loop: EventLoop) -> None:
    desk = Desk(loop, NONE, sampler=Empty())
    desk.begin(WORKER)
    desk.monitor.on_word("A", StoryAtRest(story_id="1"))
    loop.run_once()
    assert not desk.monitor.is_watching


def test_a_short_host_is_watched_also_while_nobody_works_until_it_has_recovered(
    loop: EventLoop,
) -> None:
    available = [0] * 3 + [1 << 40] * 50
    desk = Desk(
        loop,
        replace(NONE, memory_reserve=1 << 20),
        sampler=Empty(),
        read_host=lambda: HostSample(available_bytes=available.pop(0)),
    )
    desk.begin(WORKER)
    desk.run_until(lambda: desk.notes.admissions == [False, True])
    assert desk.notes.named == ["host_short", "host_recovered"]
    assert not desk.monitor.is_watching
    assert len(available) == 40


def test_a_pass_that_cannot_look_judges_nobody_and_says_so_once(loop: EventLoop) -> None:
    sampler = Empty(OSError(errno.EMFILE, "Too many open files"))
    desk = Desk(loop, NONE, sampler=sampler)
    desk.begin(WORKER)
    for _ in range(3):
        loop.run_once()
    assert desk.notes.events == [("samples_missed", None)]
    assert desk.monitor.is_watching
    sampler.error = None
    loop.run_once()
    assert not desk.monitor.is_watching, "the worker is not there"
