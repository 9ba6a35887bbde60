from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.workers.jobs import output
from prd_supervise.workers.jobs.output import LOOK_S, LOOK_S_IN_A_FLOOD, Output


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def append(log: Path, text: bytes) -> None:
    with log.open("ab") as file:
        file.write(text)


def is_done(line: str) -> bool:
    return "DONE" in line


def test_a_result_is_found_in_what_is_new(log: Path) -> None:
    append(log, b"DONE before\n")
    watched = Output(log, is_done)
    watched.look()
    append(log, b"working\n")
    watched.look()
    assert not watched.has_result
    append(log, b"so: DONE.\n")
    watched.look()
    assert watched.has_result


@pytest.mark.parametrize("parts", [[b"DO", b"NE"], [b"\xff\xfeDONE"], [b"x\n", b"DONE\nmore\n"]])
def test_a_line_that_comes_in_parts_or_never_ends_counts_as_it_stands(
    log: Path, parts: list[bytes]
) -> None:
    watched = Output(log, is_done)
    for part in parts:
        append(log, part)
        watched.look()
    assert watched.has_result


def test_two_lines_make_no_result_together(log: Path) -> None:
    watched = Output(log, is_done)
    append(log, b"DO\nNE\n")
    watched.look()
    assert not watched.has_result


def test_a_log_that_does_not_exist_yet_is_empty(log: Path) -> None:
    watched = Output(log, is_done)
    assert (watched.size(), watched.look(), watched.has_result) == (0, LOOK_S, False)


def test_of_a_flood_only_the_end_is_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "NEW_BYTES_MAX", 100)
    lines: list[str] = []

    def keep(line: str) -> bool:
        lines.append(line)
        return False

    watched = Output(log, keep)
    append(log, b"begin ")
    watched.look()
    append(log, b"x" * 1000 + b"\nthe end\n")
    watched.look()
    assert lines[0] == "begin "
    assert lines[-1] == "the end"
    assert sum(map(len, lines)) < 120


def test_a_line_without_end_takes_no_more_memory_than_its_bound(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LINE_BYTES_MAX", 10)
    lines: list[str] = []

    def keep(line: str) -> bool:
        lines.append(line)
        return False

    watched = Output(log, keep)
    for _ in range(50):
        append(log, b"x" * 25)
        watched.look()
    assert max(map(len, lines)) == 10
    assert len(lines) <= 50 * 4


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
        watched = Output(log, is_done, bytes_max=1000, kept_bytes=100)
        command.write(b"x" * 5000)
        watched.look()
        command.write(b"DONE\n")
        watched.look()
    assert log.read_bytes().endswith(b"xDONE\n")
    assert watched.has_result


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
