"""Where a command prints: a full disk is said, and a stream that is closed is no bug."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

PRINTING = (("status",), ("events",), ("logs", "ALPHA"), ("report",), ("metrics",), ("plan",))


def in_shell(repo: Repo, tree: Tree, words: tuple[str, ...], redirected: str) -> tuple[int, str]:
    command = f'"$0" -m prd_supervise "$@" {redirected}'
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, *words],
        cwd=repo.path,
        env=tree.env,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_cannot_be_written_is_said(repo: Repo, tree: Tree, unbuffered: str) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    tree.env["PYTHONUNBUFFERED"] = unbuffered
    for words in (*PRINTING, ("check",), ("--help",)):
        told = in_shell(repo, tree, words, ">/dev/full </dev/null")
        assert told[0] == 1, words
        assert told[1].splitlines()[-1] == "cannot write: No space left on device", words


def test_a_closed_stream_is_as_one_that_nobody_reads(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    assert in_shell(repo, tree, ("start",), "<&- >&-") == (0, "")
    for words in PRINTING:
        code, told = in_shell(repo, tree, words, "<&- >&-")
        assert code == 0, told
        assert "internal error" not in told
    assert in_shell(repo, tree, ("status", "NOPE"), "<&- >&- 2>&-") == (2, "")
