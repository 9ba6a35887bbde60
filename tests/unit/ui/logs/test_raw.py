from __future__ import annotations

import os
import pty
import sys
import termios
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.errors import UsageError
from prd_supervise.supervisor.ui.logs import raw
from prd_supervise.supervisor.ui.logs.raw import RawCopier, offset_of_last
from prd_supervise.supervisor.ui.logs.sources import Log, Stage

NASTY = b"\x1b]52;c;aGk=\x07\xff\x00 half"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(
        path=tmp_path / "agent.log",
        prd_id="P",
        story_id="A",
        attempt=1,
        stage=Stage.AGENT,
        label="agent",
        rank=2,
    )


def test_bytes_are_copied_as_they_are(log: Log, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    log.path.write_bytes(b"one\r\n" + NASTY)
    copier = RawCopier(lambda: [log])
    assert copier.copy()
    assert not copier.copy()
    with log.path.open("ab") as file:
        file.write(b" whole\n")
    assert copier.copy()
    assert capfdbinary.readouterr().out == b"one\r\n" + NASTY + b" whole\n"


@pytest.mark.parametrize("size", [1, 2, 1000])
@pytest.mark.parametrize(
    ("data", "is_shown"),
    [
        (b"plain\tGr\xc3\xbc\xc3\x9fe\r\n", True),
        (b"\x1b[31mred", False),
        (b"\xc2\x9b31mC1", False),
        (b"over\rwritten", False),
        (b"\x07", False),
        (b"bidi \xe2\x80\xae", False),
    ],
)
def test_to_a_terminal_nothing_goes_that_drives_it(
    log: Log, data: bytes, *, is_shown: bool, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw, "CHUNK_BYTES", size)
    log.path.write_bytes(data)
    ours, theirs = pty.openpty()
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        copier = RawCopier(lambda: [log])
        if is_shown:
            copier.copy()
            assert os.read(ours, 1000) == data
        else:
            with pytest.raises(UsageError, match="pipe it"):
                copier.copy()
            terminal.write("after")
            terminal.flush()
            told = os.read(ours, 1000)
            before = told.removesuffix(b"after")
            assert data.startswith(before)
            assert raw._DRIVES.search(before) is None
    os.close(ours)


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 9])
def test_the_last_lines_begin_where_they_begin(tmp_path: Path, count: int, end: bytes) -> None:
    path = tmp_path / "log"
    lines = [b"one", b"", b"three", b"four"]
    path.write_bytes(b"\n".join(lines) + end)
    offset = offset_of_last(path, count)
    assert path.read_bytes()[offset:] == (
        b"\n".join(lines[max(0, 4 - count) :]) + end if count else b""
    )


def test_the_last_lines_of_a_large_log_are_found_over_many_blocks(tmp_path: Path) -> None:
    path = tmp_path / "log"
    line = b"x" * 999_999 + b"\n"
    path.write_bytes(line * 7)
    assert offset_of_last(path, 3) == 4_000_000
    assert offset_of_last(path, 7) == 0
    assert offset_of_last(tmp_path / "none", 3) == 0
