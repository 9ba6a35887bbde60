"""A command whose reader has gone, as `| head` goes, ends as any program does: 128 + SIGPIPE."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("words", [["--help"], ["status", "--help"], ["--version"]])
def test_a_command_whose_reader_has_gone_ends_with_141_and_says_nothing(words: list[str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    argv = [sys.executable, "-m", "prd_supervise", *words]
    done = subprocess.run(argv, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, b"")
