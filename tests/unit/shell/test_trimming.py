from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.keeping import trimming
from prd_supervise.supervisor.shell.keeping.trimming import trim


def test_a_long_log_is_emptied_under_its_writer_and_its_end_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "BYTES_MAX", 1000)
    monkeypatch.setattr(trimming, "KEPT_BYTES", 100)
    log = tmp_path / "supervise.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"".join(b"line %d\n" % number for number in range(90)))
        assert not trim(log)
        writer.write(b"".join(b"line %d\n" % number for number in range(90, 200)))
        assert trim(log)
        writer.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    kept = (tmp_path / "supervise.log.1").read_bytes()
    assert kept.startswith(b"line ")
    assert kept.endswith(b"line 199\n")
    assert len(kept) <= 100


def test_what_is_not_there_is_not_long(tmp_path: Path) -> None:
    assert not trim(tmp_path / "start.log")


def test_without_room_for_its_end_a_log_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "BYTES_MAX", 10)
    log = tmp_path / "supervise.log"
    log.write_bytes(b"a line that is long\n" * 2)
    (tmp_path / ".supervise.log.1.new").symlink_to("/dev/full")
    with pytest.raises(OSError, match="space"):
        trim(log)
    assert log.read_bytes() == b"a line that is long\n" * 2
