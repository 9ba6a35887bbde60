from __future__ import annotations

from pathlib import Path

from prd_supervise.supervisor.shell.service.post_mortem import (
    LINES_MAX,
    TAIL_BYTES,
    begin_log,
    crash_in,
)

_DUMP = """\
Fatal Python error: Aborted

Current thread 0x00007f0e8f0c5040 (most recent call first):
  File "eventloop.py", line 90 in _serve_descriptors
"""


def test_what_ended_the_root_before_is_told_once(tmp_path: Path) -> None:
    log = tmp_path / "supervise.log"
    assert begin_log(log) is None
    with log.open("a") as file:
        file.write(f"a child complains\n{_DUMP}")

    crash = begin_log(log)

    assert crash is not None
    assert crash.what == "Aborted"
    assert crash.stacks == (
        "Current thread 0x00007f0e8f0c5040 (most recent call first):",
        '  File "eventloop.py", line 90 in _serve_descriptors',
    )
    assert begin_log(log) is None


def test_of_a_log_of_any_length_only_the_end_is_read_and_no_more_told_than_one_reads(
    tmp_path: Path,
) -> None:
    log = tmp_path / "supervise.log"
    log.write_bytes(b"\xff" * TAIL_BYTES + _DUMP.encode() + b"  File \x1b[31m\n" * 1000)

    crash = begin_log(log)

    assert crash is not None
    assert len(crash.stacks) < LINES_MAX
    assert all(line.isprintable() for line in crash.stacks)


def test_a_root_that_nothing_fatal_ended_has_no_crash() -> None:
    assert crash_in("") is None
    assert crash_in(f"{_DUMP}--- root 7 begins at 2026-11-22T03:00:00+00:00\nnothing\n") is None
