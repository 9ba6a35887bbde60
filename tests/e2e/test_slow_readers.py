"""A foreground run whose output nobody reads: a pager left open, a terminal that was stopped."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
from collections.abc import Callable

import pytest

from tests.e2e.test_stop import assert_resumes, assert_stopped, held
from tests.support.e2e_processes import DEADLINE_S
from tests.support.e2e_repo import Repo, story
from tests.support.tree import COMMAND, Tree
from tests.support.unread import fill


def a_socket() -> tuple[int, int]:
    """As systemd's journal gives it to a service."""
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


@pytest.mark.parametrize("opened", [os.pipe, pty.openpty, a_socket])
def test_a_run_whose_output_nobody_reads_goes_on_and_hears_a_stop(
    repo: Repo, tree: Tree, opened: Callable[[], tuple[int, int]]
) -> None:
    repo.prd(held("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    reader, output = opened()
    fill(output)
    repo.seal_once()
    process = subprocess.Popen(
        [COMMAND, "start", "--plain", "--grace-s", "6"],
        cwd=repo.path,
        env=tree.env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        tree.wait_said("US-1", "at work")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=DEADLINE_S) == 75
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(reader)
        os.close(output)

    assert_stopped(repo, tree)
    assert_resumes(repo, tree)
