"""Root's printing: in order, never waiting, and with a word on what nobody read in time."""

from __future__ import annotations

import os
import pty
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.start import root_output
from prd_supervise.supervisor.ui.start.root_output import RootOutput
from prd_supervise.workers.process.eventloop import EventLoop
from tests.support.unread import drained, fill

LINE = "l" * 999
Opened = Callable[[], tuple[int, int]]


def a_socket() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


@pytest.fixture(params=[os.pipe, pty.openpty, a_socket])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    opened: Opened = request.param
    reader, output = opened()
    yield reader, output
    for each in (reader, output):
        os.close(each)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.close()


def output_to(descriptor: int) -> RootOutput:
    with os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as stream:
        return RootOutput(stream)


def read_until(ending: bytes, reader: int, loop: EventLoop) -> bytes:
    read = b""
    while ending not in read:
        read += drained(reader)
        if ending not in read:
            loop.run_once()
    return read.lstrip(b"x\r\n")


def lines_of(data: bytes) -> list[str]:
    return data.decode().replace("\r", "").splitlines()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root_output, "AGAIN_S", 0.0)


def test_what_is_read_at_once_is_printed_at_once(ends: tuple[int, int]) -> None:
    reader, descriptor = ends
    output = output_to(descriptor)
    output.say("a line")
    assert lines_of(drained(reader)) == ["a line"]
    output.close("the end")
    assert lines_of(drained(reader)) == ["the end"]


def test_what_is_read_later_is_all_there_in_its_order(
    ends: tuple[int, int], loop: EventLoop
) -> None:
    reader, descriptor = ends
    fill(descriptor)
    output = output_to(descriptor)
    output.serve(loop)
    said = [f"{number} {LINE}" for number in range(20)]
    for text in said:
        output.say(text)
    output.say("all")
    assert lines_of(read_until(b"all", reader, loop)) == [*said, "all"]
    output.close("the end")


def test_what_nobody_reads_is_left_out_and_counted(
    ends: tuple[int, int], loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(root_output, "UNSENT_BYTES_MAX", 10 * len(LINE))
    reader, descriptor = ends
    fill(descriptor)
    output = output_to(descriptor)
    output.serve(loop)
    said = [f"{number} {LINE}" for number in range(20)]
    for text in said:
        output.say(text)
    *kept, gap = lines_of(read_until(b"shows all", reader, loop))
    assert kept == said[: len(kept)]
    assert gap.startswith(f"--- {len(said) - len(kept)} lines left out here, not read in time: ")
    output.say("read again")
    assert lines_of(drained(reader)) == ["read again"]
    output.close("the end")


def test_the_last_words_are_waited_for_a_little_only(
    ends: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, descriptor = ends
    monkeypatch.setattr(root_output, "LAST_WORDS_S", 0.0)
    fill(descriptor)
    output = output_to(descriptor)
    output.say("nobody reads this")
    output.close("nor this")


def test_what_the_shell_has_still_waits(ends: tuple[int, int]) -> None:
    _, descriptor = ends
    output = output_to(descriptor)
    assert os.get_blocking(descriptor)
    output.close("")


@pytest.mark.parametrize("opened", [os.pipe, pty.openpty, a_socket])
def test_a_reader_that_has_gone_ends_nothing(loop: EventLoop, opened: Opened) -> None:
    reader, descriptor = opened()
    output = output_to(descriptor)
    output.serve(loop)
    os.close(reader)
    output.say("to nobody")
    output.close("nor this")
    os.close(descriptor)


def test_a_file_that_others_write_too_keeps_what_they_write(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("before\n")
        output = RootOutput(stream)
        output.say("a line")
        output.close("the end")
        stream.write("after\n")
    text = path.read_text(encoding="utf-8")
    assert text.splitlines() == ["before", "a line", "the end", "after"]
