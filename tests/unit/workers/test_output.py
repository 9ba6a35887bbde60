from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.workers.jobs import output
from prd_supervise.workers.jobs.output import LOOK_S, LOOK_S_IN_A_FLOOD, Output
from tests.unit.workers.ears import Recorder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def append(log: Path, text: bytes) -> None:
    with log.open("ab") as file:
        file.write(text)


def test_what_is_new_is_heard_in_order_and_once(log: Path) -> None:
    append(log, b"before\n")
    ear = Recorder()
    watched = Output(log, ear)
    watched.look()
    append(log, b"one\ntwo\n")
    watched.look()
    append(log, b"three\n\xff\xfe\n")
    watched.look()
    watched.look(is_last=True)
    assert ear.lines == ["one", "two", "three", "\ufffd\ufffd"]
    assert ear.written == [0, 8, 17, 17]


def test_a_line_that_comes_in_parts_is_heard_when_it_is_whole(log: Path) -> None:
    ear = Recorder()
    watched = Output(log, ear)
    for part in (b"DO", b"NE", b" at last\nmo"):
        append(log, part)
        watched.look()
    assert ear.lines == ["DONE at last"]


def test_the_last_line_counts_once_it_no_longer_grows(log: Path) -> None:
    ear = Recorder()
    watched = Output(log, ear)
    append(log, b"DONE")
    watched.look()
    assert ear.lines == []
    watched.look()
    watched.look()
    assert ear.lines == ["DONE"]
    append(log, b"\nmore\n")
    watched.look()
    assert ear.lines == ["DONE", "more"], "what was heard is not heard again"


def test_a_line_that_grows_after_all_is_heard_as_a_whole(log: Path) -> None:
    ear = Recorder()
    watched = Output(log, ear)
    append(log, b"DO")
    watched.look()
    watched.look()
    append(log, b"NE\n")
    watched.look()
    assert ear.lines == ["DO", "DONE"]


def test_at_the_last_look_the_last_line_counts_as_it_stands(log: Path) -> None:
    ear = Recorder()
    watched = Output(log, ear, held=lambda: b"NE")
    append(log, b"DO")
    watched.look(is_last=True)
    assert ear.lines == ["DONE"]


def test_a_log_that_does_not_exist_yet_is_empty(log: Path) -> None:
    ear = Recorder()
    watched = Output(log, ear)
    assert (watched.size(), watched.look(), ear.lines) == (0, LOOK_S, [])


def test_a_flood_is_heard_whole_a_bit_at_a_time(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "NEW_BYTES_MAX", 100)
    ear = Recorder()
    watched = Output(log, ear)
    append(log, b"".join(b"%09d\n" % number for number in range(35)))
    assert [watched.look() for _ in range(4)] == [LOOK_S_IN_A_FLOOD] * 3 + [LOOK_S]
    assert ear.lines == [f"{number:09}" for number in range(35)]
    assert watched.passed_over_bytes == 0


def test_what_nobody_could_hear_is_counted_and_its_torn_line_is_none(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LAST_BYTES_MAX", 100)
    ear = Recorder()
    watched = Output(log, ear)
    append(log, b"".join(b"%09d\n" % number for number in range(35)) + b"12345\nthe end")
    watched.look(is_last=True)
    assert watched.passed_over_bytes == 263
    assert ear.pieces == ["000000026"[3:]]
    assert ear.lines == [f"{number:09}" for number in range(27, 35)] + ["12345", "the end"]


def test_what_is_cut_before_it_was_heard_is_counted(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "NEW_BYTES_MAX", 100)
    ear = Recorder()
    watched = Output(log, ear, bytes_max=1000, kept_bytes=200)
    append(log, b"".join(b"%09d\n" % number for number in range(200)))
    watched.look()
    append(log, b"and on\n")
    while watched.look() != LOOK_S:
        pass
    assert watched.passed_over_bytes == 2000 - 100 - 200
    assert ear.lines[:10] == [f"{number:09}" for number in range(10)]
    assert ear.lines[10:] == [f"{number:09}" for number in range(181, 200)] + ["and on"]


@pytest.mark.parametrize("ends", [b"", b"\n"])
def test_a_line_that_is_too_long_is_heard_in_pieces(
    log: Path, monkeypatch: pytest.MonkeyPatch, ends: bytes
) -> None:
    monkeypatch.setattr(output, "LINE_BYTES_MAX", 10)
    ear = Recorder()
    watched = Output(log, ear)
    for _ in range(50):
        append(log, b"x" * 25)
        watched.look()
    append(log, b"end" + ends + b"\nnext\n")
    watched.look(is_last=True)
    assert max(map(len, ear.pieces)) == 10
    assert sum(map(len, ear.pieces)) == 50 * 25 + 3
    assert ear.lines == ["next"]


def test_a_log_that_is_too_long_keeps_both_ends_and_says_so(log: Path) -> None:
    watched = Output(log, bytes_max=1000, kept_bytes=100)
    append(log, b"begin" + b"x" * 5000 + b"end")
    assert watched.look() == LOOK_S_IN_A_FLOOD
    text = log.read_bytes()
    assert text.startswith(b"begin")
    assert text.endswith(b"end")
    assert b"4808 bytes of output were cut here" in text
    assert len(text) < 400


def test_who_appends_goes_on_behind_the_cut(log: Path) -> None:
    with log.open("ab", buffering=0) as command:
        ear = Recorder()
        watched = Output(log, ear, bytes_max=1000, kept_bytes=100)
        command.write(b"x" * 5000)
        watched.look()
        command.write(b"DONE\n")
        watched.look()
    assert log.read_bytes().endswith(b"xDONE\n")
    assert (ear.pieces + ear.lines)[-1].endswith("xDONE")


def test_a_log_stays_within_its_bound_however_much_is_written(log: Path) -> None:
    watched = Output(log, bytes_max=10_000, kept_bytes=100)
    for _ in range(200):
        append(log, b"y" * 5000)
        watched.look()
        assert watched.size() <= 10_000


def test_slow_output_is_looked_at_once_a_second(log: Path) -> None:
    watched = Output(log, bytes_max=1000, kept_bytes=100)
    append(log, b"a line\n")
    assert watched.look() == LOOK_S
