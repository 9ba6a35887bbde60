from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.workers.jobs.pump import Pump
from prd_supervise.workers.process.eventloop import EventLoop
from prd_supervise.workers.secrecy.redaction import Redactor, Secret

TOKEN = b"tok_4f9a-Zq27bX"


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


@pytest.fixture
def pump(loop: EventLoop, tmp_path: Path) -> Pump:
    return Pump(loop, tmp_path / "log", Redactor((Secret("TOKEN", TOKEN),)))


def test_what_comes_in_pieces_is_in_the_log_without_the_value(
    pump: Pump, loop: EventLoop, tmp_path: Path
) -> None:
    for piece in (b"it is tok_4f9", b"a-Zq2", b"7bX.\nand ", b"more"):
        os.write(pump.entrance, piece)
        loop.run_once()
    assert (tmp_path / "log").read_bytes() == b"it is [redacted:TOKEN].\nand more"
    assert pump.held() == b""
    pump.close_entrance()
    pump.end()


def test_the_begin_of_a_value_waits_until_it_is_told_from_one(
    pump: Pump, loop: EventLoop, tmp_path: Path
) -> None:
    os.write(pump.entrance, b"so: tok_4f9")
    loop.run_once()
    assert (tmp_path / "log").read_bytes() == b"so: "
    assert pump.held() == b"tok_4f9"
    pump.close_entrance()
    pump.end()
    assert (tmp_path / "log").read_bytes() == b"so: tok_4f9"


def test_what_is_left_in_the_pipe_at_the_end_is_taken(pump: Pump, tmp_path: Path) -> None:
    os.write(pump.entrance, b"x" * 60_000 + TOKEN)
    pump.end()  # somebody who cannot be killed holds the other end
    pump.close_entrance()
    assert (tmp_path / "log").read_bytes() == b"x" * 60_000 + b"[redacted:TOKEN]"


def test_a_closed_pipe_does_not_keep_the_loop_busy(pump: Pump, loop: EventLoop) -> None:
    pump.close_entrance()
    loop.run_once()
    due = []
    loop.call_at(loop.now_s(), lambda: due.append(1))
    loop.run_once()
    assert due == [1]
    pump.end()


def test_a_full_disk_costs_output_and_nothing_else(loop: EventLoop) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    pump = Pump(loop, full, Redactor((Secret("TOKEN", TOKEN),)))
    os.write(pump.entrance, b"lost\n")
    loop.run_once()
    pump.close_entrance()
    pump.end()
