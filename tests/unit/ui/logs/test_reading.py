from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.logs import reading
from prd_supervise.supervisor.ui.logs.opened import Opened
from prd_supervise.supervisor.ui.logs.reading import CHUNK_BYTES, LINE_BYTES_MAX, Reader
from prd_supervise.supervisor.ui.logs.tail import last_lines, tail
from prd_supervise.workers.jobs.output import Output

LOG_BYTES_MAX, KEPT_BYTES = 1 << 18, 1 << 14  # a small log is cut as a large one is


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "agent.log"


def append(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


def test_a_reader_gives_whole_lines_as_they_come(log: Path) -> None:
    reader = Reader(log)
    assert list(reader.lines()) == []
    append(log, b"one\ntw")
    assert list(reader.lines()) == [b"one"]
    append(log, b"o\n\nthree")
    assert list(reader.lines()) == [b"two", b""]
    assert list(reader.rest()) == [b"three"]
    assert not reader.is_behind


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole(log: Path) -> None:
    append(log, b"x" * (LINE_BYTES_MAX + 7) + b"\nnext\n")
    first, note, last = Reader(log).lines()
    assert first == b"x" * LINE_BYTES_MAX
    assert note == b"... (and 7 bytes more of that line: --raw shows them)"
    assert last == b"next"


def test_a_log_that_was_emptied_is_read_from_its_beginning(log: Path) -> None:
    append(log, b"old words that are long\n")
    reader = Reader(log)
    list(reader.lines())
    log.write_bytes(b"new\n")
    assert reader.is_behind
    assert list(reader.lines()) == [b"new"]


def test_a_log_that_was_replaced_by_one_of_the_same_size_is_read_anew(log: Path) -> None:
    append(log, b"old\n")
    reader = Reader(log)
    list(reader.lines())
    fresh = log.with_name("fresh")
    fresh.write_bytes(b"new\n")
    fresh.replace(log)
    assert reader.is_behind
    assert list(reader.lines()) == [b"new"]


@pytest.mark.parametrize("unread", [0, 1000, KEPT_BYTES + 5000])
def test_of_a_log_that_was_cut_in_its_middle_nothing_is_shown_twice(
    log: Path, unread: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "KEPT_BYTES", KEPT_BYTES)
    line = b"%019d\n"
    count = LOG_BYTES_MAX // 20 + 10
    append(log, b"".join(line % number for number in range(count)))
    reader = Reader(log)
    read_to = count * 20 - unread
    seen = [int(each) for each in reader.lines(read_to)]
    Output(log, bytes_max=LOG_BYTES_MAX, kept_bytes=KEPT_BYTES).look()  # what cuts it
    assert log.stat().st_size < LOG_BYTES_MAX
    append(log, line % count)

    lines = list(reader.lines())

    notes = [each for each in lines if b"bytes of output were cut here" in each]
    later = [int(each) for each in lines if len(each) == 19]
    assert later == sorted(set(later))
    assert not set(later) & set(seen)
    assert later[-1] == count
    assert bool(notes) == (unread > KEPT_BYTES)


PIECES = st.sampled_from(
    [
        *(b"\x1b[31m", b"\x1b]0;title\x07", b"\x1b]8;;http://x\x1b\\", b"\x1b]52;c;aGk=\x07"),
        *(b"\x1bPq#0\x1b\\", b"\x1b[?1049h", b"\x1bc", b"\x1b(B", b"\x1b", b"\x1b[", b"\x1b]52;c;"),
        *("\x9b2J".encode(), "\x9d0;t\x9c".encode(), "\u202e".encode(), "\u200b".encode()),
        *(b"\x9b", b"\xff", b"\x00", b"\x08", b"\r", b"\t", b"\n", b"\n", b"plain ", b"{"),
        *("Grüße 世界".encode(), b'{"type":"assistant","session_id":"s","message":{"content":['),
        b'{"type":"text","text":"\\u001b]52;c;aGk=\\u0007 x"}]}}\n',
    ]
)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=30), size=st.integers(min_value=1, max_value=9))
def test_nothing_that_drives_a_terminal_passes_wherever_a_read_ends(
    log: Path, pieces: list[bytes], size: int
) -> None:
    log.write_bytes(b"".join(pieces))
    whole = Opened(log)
    expected = [line.text for line in (*whole.lines(), *whole.rest())]
    assert all(text.isprintable() for text in expected)

    bit_by_bit = Opened(log)
    found = []
    while bit_by_bit.reader.is_behind:
        found += [line.text for line in bit_by_bit.lines(size)]
    found += [line.text for line in bit_by_bit.rest()]
    assert found == expected
    assert all(text.isprintable() for text in last_lines(log, 5))


@pytest.mark.slow
def test_the_last_lines_are_found_without_reading_what_stands_before(log: Path) -> None:
    with log.open("wb") as file:
        file.truncate(3 << 30)  # a sparse file of 3 GiB
        file.seek(0, 2)
        file.write(b"\n" + b"".join(b"line %d\n" % number for number in range(50_000)))
        file.write(b"half")
    assert last_lines(log, 3) == ("line 49998", "line 49999", "half")
    opened, lines = tail(log, 20_000)
    assert [line.text for line in lines] == [f"line {number}" for number in range(30_000, 50_000)]
    append(log, b" and whole\n")
    assert [line.text for line in opened.lines()] == ["half and whole"]


def test_the_last_lines_of_no_log_are_none_and_half_an_event_is_not_shown(log: Path) -> None:
    assert last_lines(log, 3) == ()
    append(log, b'said\n{"type":"assistant","session_id":"s","mess')
    assert last_lines(log, 3) == ("said",)
    assert last_lines(log, 0) == ()


def test_the_beginning_of_a_line_that_was_passed_over_is_not_shown(log: Path) -> None:
    append(log, b"a" * CHUNK_BYTES + b"\nnext\n")
    reader = Reader(log, 10)
    reader.skip_line()
    assert list(reader.lines()) == [b"next"]
