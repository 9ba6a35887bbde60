from __future__ import annotations

import multiprocessing
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection

import pytest

from prd_supervise.workers.messages import git, prd, story
from prd_supervise.workers.messages.common import Done, Ready
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process.channel import (
    QUEUE_BYTES_MAX,
    Channel,
    ChannelOverflowError,
    vocabulary,
)
from prd_supervise.workers.process.wire import FRAME_BYTES_MAX, WireError, encode

Ends = tuple[Channel, Connection]
ALL_WORDS = vocabulary(git, prd, story)
READY = Ready(pid=1, start_ticks=2)


def frame(message: object) -> bytes:
    data = encode(message)
    return struct.pack("!I", len(data)) + data


def write_all(end: Connection, data: bytes) -> None:
    while data:
        data = data[os.write(end.fileno(), data) :]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Our channel, and the bare other end of it."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=True)
    channel = Channel(ours, ALL_WORDS)
    yield channel, theirs
    channel.close()
    with suppress(OSError):
        theirs.close()


def test_messages_go_both_ways_in_order(ends: Ends) -> None:
    one, two = ends[0], Channel(ends[1], ALL_WORDS)
    one.send(READY)
    one.send(Done())
    two.send(Finish(result="ü"))
    assert two.receive() == [READY, Done()]
    assert one.receive() == [Finish(result="ü")]
    assert one.receive() == two.receive() == []
    assert one.is_open
    assert not one.wants_to_write


def test_the_form_is_that_of_multiprocessing_s_own_bytes(ends: Ends) -> None:
    channel, other = ends
    other.send_bytes(encode(READY))
    assert channel.receive() == [READY]
    channel.send(READY)
    assert other.recv_bytes() == encode(READY)


def test_two_frames_in_one_read_are_two_messages(ends: Ends) -> None:
    channel, other = ends
    write_all(other, frame(READY) + frame(Done()) + frame(READY)[:5])
    assert channel.receive() == [READY, Done()]
    write_all(other, frame(READY)[5:])
    assert channel.receive() == [READY]


def test_one_frame_in_many_reads_is_one_message(ends: Ends) -> None:
    channel, other = ends
    for byte in frame(READY):
        assert channel.receive() == []
        write_all(other, bytes([byte]))
    assert channel.receive() == [READY]


@pytest.mark.parametrize("size", [1, 3, 4, 5, 20])
def test_a_torn_frame_at_the_end_of_file_is_discarded(size: int, ends: Ends) -> None:
    channel, other = ends
    write_all(other, frame(Done()) + frame(READY)[:size])
    other.close()
    assert channel.receive() == [Done()]
    assert not channel.is_open
    assert channel.receive() == []


def test_a_frame_over_the_limit_is_refused_before_it_has_come(ends: Ends) -> None:
    channel, other = ends
    write_all(other, struct.pack("!I", FRAME_BYTES_MAX + 1))
    with pytest.raises(WireError, match="1048577 bytes; 1048576 are allowed"):
        channel.receive()


def test_a_message_over_the_limit_is_not_sent(ends: Ends) -> None:
    channel, other = ends
    with pytest.raises(ChannelOverflowError):
        channel.send(Finish(result="x" * FRAME_BYTES_MAX))
    channel.send(Done())
    assert Channel(other, ALL_WORDS).receive() == [Done()]


def test_a_message_of_the_greatest_size_passes(ends: Ends) -> None:
    one, two = ends[0], Channel(ends[1], ALL_WORDS)
    message = Finish(result="x" * (FRAME_BYTES_MAX - len(encode(Finish(result="")))))
    one.send(message)
    assert one.wants_to_write
    taken: list[object] = []
    while not taken:
        taken = two.receive()
        one.flush()
    assert taken == [message]
    assert not one.wants_to_write


def test_a_reader_that_does_not_read_blocks_nobody_and_overflows_at_the_bound(ends: Ends) -> None:
    channel, _ = ends
    sent = 0
    overflow = ""
    while not overflow and sent < 10 * QUEUE_BYTES_MAX:
        try:
            channel.send(Finish(result="x" * 100_000))
        except ChannelOverflowError as error:
            overflow = str(error)
        sent += 100_000
    assert "wait to be read" in overflow
    assert QUEUE_BYTES_MAX - 200_000 < sent < 2 * QUEUE_BYTES_MAX
    assert len(channel._outgoing) <= QUEUE_BYTES_MAX + 4
    assert channel.wants_to_write


def test_a_flood_is_taken_in_portions(ends: Ends) -> None:
    one, two = ends[0], Channel(ends[1], ALL_WORDS)
    big = Finish(result="x" * 900_000)
    taken: list[object] = []
    for _ in range(5):
        one.send(big)
        taken += two.receive()
        one.flush()
    while one.wants_to_write or len(taken) < 5:
        one.flush()
        taken += two.receive()
    assert taken == [big] * 5


def test_where_nobody_hears_any_more_messages_are_dropped(ends: Ends) -> None:
    channel, other = ends
    other.close()
    for _ in range(2 * QUEUE_BYTES_MAX // 500_000):
        channel.send(Finish(result="x" * 500_000))
    assert not channel.wants_to_write
    assert channel.receive() == []
    assert not channel.is_open
    channel.send(Done())


@pytest.mark.parametrize("was_read", [False, True])
def test_what_was_said_last_is_heard_after_a_send_into_the_void(
    was_read: bool,  # noqa: FBT001
    ends: Ends,
) -> None:
    channel, other = ends
    channel.send(READY)
    if was_read:
        other.recv_bytes()
    write_all(other, frame(Finish(result="last")) + frame(Done()))
    other.close()
    channel.send(READY)
    channel.send(READY)
    assert channel.is_open
    assert not channel.wants_to_write
    assert channel.receive() == [Finish(result="last"), Done()]
    assert not channel.is_open
