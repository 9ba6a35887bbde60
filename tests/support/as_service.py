"""The command as a service manager starts it, on the repository of a test."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.support.e2e_processes import DEADLINE_S
from tests.support.tree import Tree
from tests.support.tree_run import Run

SERVICE = ("resume", "--watch")


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """The socket at which a manager listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0prd-supervise-test-{os.getpid()}-{id(listening)}")
        listening.settimeout(DEADLINE_S)
        yield listening


@pytest.fixture
def service(tree: Tree, manager: socket.socket) -> Tree:
    """The command with what a manager gives it: its socket, and next to nothing else."""
    tree.env["NOTIFY_SOCKET"] = manager.getsockname().decode().replace("\0", "@")
    tree.env["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    del tree.env["HOME"]
    return tree


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
