from __future__ import annotations

import os
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.service.launchd import cut_log, take_variables
from prd_supervise.supervisor.shell.service.variables import read_variables


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "shop.log"
    path.write_bytes(b"line\n" * 100)
    return path


def test_a_log_that_is_too_long_begins_anew_and_its_end_is_kept(log: Path) -> None:
    fd = os.open(log, os.O_WRONLY)  # without O_APPEND, as somebody may have opened it
    os.lseek(fd, 0, os.SEEK_END)
    try:
        assert not cut_log(log, fd, 500)
        assert cut_log(log, fd, 499)
        os.write(fd, b"more\n")
    finally:
        os.close(fd)
    assert log.read_bytes() == b"more\n"  # and no hole before it
    assert log.with_suffix(".old").read_bytes() == b"line\n" * 100


def test_what_we_do_not_write_to_is_not_cut(log: Path, tmp_path: Path) -> None:
    fd = os.open(tmp_path / "another", os.O_WRONLY | os.O_CREAT)
    try:
        assert not cut_log(log, fd, 1)
        assert not cut_log(tmp_path / "absent.log", fd, 1)
    finally:
        os.close(fd)
    assert log.stat().st_size == 500


def test_variables_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(
        "# a comment\n; another\n\nPLAIN=a b \n  SPACED = x\nSINGLE='a \\\"b'\n"
        'DOUBLE="a \\"b\\" \\$c"\nEMPTY=\nUNEVEN="a\n=x\nno line\n1X=y\nTWICE=1\nTWICE=2\n'
    )
    found, strange = read_variables(file)
    assert found == {
        "PLAIN": "a b",
        "SPACED": "x",
        "SINGLE": 'a \\"b',
        "DOUBLE": 'a "b" $c',
        "EMPTY": "",
        "UNEVEN": '"a',
        "TWICE": "2",
    }
    assert strange == (10, 11, 12)
    assert read_variables(tmp_path / "absent") == ({}, ())


def test_a_file_that_cannot_be_read_is_told_and_no_end(tmp_path: Path) -> None:
    (tmp_path / "prd-supervise/env").mkdir(parents=True)
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    (told,) = take_variables(environ)
    assert "Is a directory" in told
    assert environ == {"XDG_CONFIG_HOME": str(tmp_path)}
