from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from prd_supervise.workers.process.eventloop import EventLoop

SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
Pipe = Callable[[], tuple[int, int]]


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    made = EventLoop()
    made.call_at(made.now_s() + 60, lambda: pytest.fail("nothing came"))
    yield made
    made.close()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    fds: list[int] = []

    def make() -> tuple[int, int]:
        ends = os.pipe()
        fds.extend(ends)
        return ends

    yield make
    for fd in fds:
        try:
            os.close(fd)
        except OSError:
            continue  # the test closed it


def test_timers_go_off_by_their_time_and_then_by_their_order(loop: EventLoop) -> None:
    said: list[str] = []
    now_s = loop.now_s()
    for at_s, word in ((-1.0, "b"), (-1.0, "c"), (-2.0, "a"), (0.0, "d")):
        loop.call_at(now_s + at_s, lambda word=word: said.append(word))  # type: ignore[misc]
    loop.run_once()
    assert said == ["a", "b", "c", "d"]


def test_what_has_come_is_served_before_a_timer_that_is_due(loop: EventLoop, pipe: Pipe) -> None:
    """A loop that was stopped hears what was said to it before it holds anybody overdue."""
    said: list[str] = []
    first, second = pipe(), pipe()
    os.write(first[1], b"x")

    def hear_first() -> None:
        os.read(first[0], 1)
        said.append("first")
        os.write(second[1], b"x")  # it comes after the loop has looked

    loop.watch(first[0], hear_first)
    loop.watch(second[0], lambda: said.append(f"second {os.read(second[0], 1)!r}"))
    loop.call_at(loop.now_s(), lambda: said.append("timer"))
    loop.run_once()
    assert said == ["first", "second b'x'", "timer"]


def test_a_timer_does_not_go_off_before_its_time(loop: EventLoop) -> None:
    at_s = loop.now_s() + 0.03
    went_off: list[float] = []
    loop.call_at(at_s, lambda: went_off.append(loop.now_s()))
    while not went_off:
        loop.run_once()
    assert at_s <= went_off[0]


def test_a_cancelled_timer_passes_without_effect(loop: EventLoop) -> None:
    said: list[str] = []
    past_s = loop.now_s() - 1
    second = loop.call_at(past_s, lambda: said.append("second"))
    first = loop.call_at(past_s - 1, second.cancel)
    third = loop.call_at(past_s, lambda: said.append("third"))
    loop.call_at(past_s, lambda: said.append("fourth"))
    third.cancel()
    loop.run_once()
    first.cancel()
    assert said == ["fourth"], "one that is due may be cancelled by another one"


def test_a_cancelled_timer_wakes_nobody_up(loop: EventLoop) -> None:
    loop.call_at(loop.now_s() - 1, lambda: None).cancel()
    assert loop._wait_s() > 1


def test_a_timer_that_sets_itself_anew_does_not_keep_the_loop(loop: EventLoop) -> None:
    turns: list[int] = []

    def again() -> None:
        turns.append(1)
        loop.call_at(loop.now_s() - 1, again)

    again()
    loop.run_once()
    loop.run_once()
    assert len(turns) == 3


def test_a_descriptor_that_is_always_ready_does_not_starve_timers(
    loop: EventLoop, pipe: Pipe
) -> None:
    reader, writer = pipe()
    os.write(writer, b"x")
    said: list[str] = []
    loop.watch(reader, lambda: said.append("fd"))
    loop.call_at(loop.now_s() - 1, lambda: said.append("timer"))
    loop.run_once()
    assert said == ["fd", "fd", "timer"]  # it is looked at once more before a timer goes off


def test_due_timers_do_not_starve_descriptors(loop: EventLoop, pipe: Pipe) -> None:
    reader, writer = pipe()
    os.write(writer, b"x")
    said: list[str] = []

    def again() -> None:
        loop.call_at(loop.now_s() - 1, again)

    again()
    loop.watch(reader, lambda: said.append("fd"))
    loop.run_once()
    assert said == ["fd", "fd"]


def test_readable_and_writable_are_told_apart(loop: EventLoop, pipe: Pipe) -> None:
    reader, writer = pipe()
    said: list[str] = []
    loop.watch(reader, lambda: said.append("read"))
    loop.watch(writer, lambda: said.append("never"), lambda: said.append("write"))
    loop.run_once()
    loop.watch(writer, lambda: said.append("never"))
    os.write(writer, b"x")
    loop.run_once()
    assert said == ["write", "read"]


def test_of_two_that_are_ready_one_may_close_the_other(loop: EventLoop, pipe: Pipe) -> None:
    readers = {}
    for _ in range(2):
        reader, writer = pipe()
        os.write(writer, b"x")
        readers[reader] = writer
    one, two = readers
    said: list[int] = []

    def close_the_other(mine: int, other: int) -> None:
        said.append(mine)
        loop.unwatch(other)
        os.close(other)

    loop.watch(one, lambda: close_the_other(one, two))
    loop.watch(two, lambda: close_the_other(two, one))
    loop.run_once()
    assert len(said) == 1


@pytest.mark.parametrize("direction", ["read", "write"])
def test_a_number_that_is_used_again_in_the_same_turn_is_not_taken_for_the_old_one(
    direction: str, loop: EventLoop, pipe: Pipe
) -> None:
    said: list[str] = []
    ends = [pipe(), pipe()]
    for _, writer in ends:
        os.write(writer, b"x")
    ready = [reader if direction == "read" else writer for reader, writer in ends]

    def replace(mine: int) -> None:
        said.append("old")
        (other,) = (fd for fd in ready if fd != mine)
        loop.unwatch(other)
        source = pipe()[0 if direction == "read" else 1]
        os.dup2(source, other)
        watch(other, lambda: said.append("new"))

    def watch(fd: int, callback: Callable[[], None]) -> None:
        if direction == "read":
            loop.watch(fd, callback)
        else:
            loop.watch(fd, lambda: None, callback)

    for fd in ready:
        watch(fd, lambda fd=fd: replace(fd))  # type: ignore[misc]
    loop.run_once()
    assert said == ["old"]


def test_to_forget_what_was_never_watched_is_no_error(loop: EventLoop, pipe: Pipe) -> None:
    loop.unwatch(pipe()[0])


def test_a_signal_wakes_the_loop_up(loop: EventLoop) -> None:
    said: list[str] = []
    loop.on_signals({signal.SIGUSR1: lambda: said.append("usr1")})
    os.kill(os.getpid(), signal.SIGUSR1)
    loop.run_once()
    assert said == ["usr1"]


def test_the_death_of_a_child_is_served_before_any_other_signal(loop: EventLoop) -> None:
    said: list[int] = []
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        loop.on_signals({number: lambda number=number: said.append(number)})  # type: ignore[misc]
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        os.kill(os.getpid(), number)
    loop.run_once()
    assert said[0] == signal.SIGCHLD
    assert sorted(said) == sorted((signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD))


def test_a_storm_of_signals_is_served_once_and_loses_no_kind(loop: EventLoop) -> None:
    said: list[int] = []
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        loop.on_signals({number: lambda number=number: said.append(number)})  # type: ignore[misc]
    for _ in range(2000):
        os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR2)
    loop.run_once()
    assert sorted(said) == [signal.SIGUSR1, signal.SIGUSR2]


def test_a_loop_that_is_closed_leaves_no_descriptor(pipe: Pipe) -> None:
    before, _ = pipe()
    made = EventLoop()
    made.close()
    after, _ = pipe()
    assert after == before + 2, "the lowest free number is the next one"
