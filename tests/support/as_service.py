"""The command as a service manager starts it, on the repository of a test."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.support.tree import Tree
from tests.support.tree_run import Run

SERVICE = ("resume", "--watch")


@pytest.fixture
def service(tree: Tree) -> Iterator[Tree]:
    """The command with what a manager gives it: its socket, and next to nothing else."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0prd-supervise-test-{os.getpid()}-{id(tree)}")
        tree.env["NOTIFY_SOCKET"] = manager.getsockname().decode().replace("\0", "@")
        tree.env["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        del tree.env["HOME"]
        yield tree


def begin(tree: Tree) -> Run:
    """Start it, and wait until it watches."""
    before = len(tree.events("watching"))
    run = tree.begin(*SERVICE)
    tree.wait_event("watching", count=before + 1)
    return run


def end(run: Run, code: int = 75) -> str:
    """End it as `systemctl stop` does: who else has sent that signal is not known to it."""
    run.signal(signal.SIGTERM)
    return run.wait_exit(code)
