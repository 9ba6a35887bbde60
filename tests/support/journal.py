"""The journal as a service sees it: a stream socket for what it prints, named in JOURNAL_STREAM."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.e2e_processes import DEADLINE_S
from tests.support.tree import COMMAND, Tree


def journalled(tree: Tree, *words: str, cwd: Path | None = None) -> tuple[int, Sequence[str]]:
    """Run a command that prints to the journal; its exit code, and the lines that arrive there."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    found = os.fstat(theirs.fileno())
    tree.repo.seal_once()
    with ours, theirs:
        process = subprocess.Popen(
            [str(COMMAND), *words],
            cwd=cwd or tree.repo.path,
            env=tree.env | {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"},
            stdin=subprocess.DEVNULL,
            stdout=theirs.fileno(),
            stderr=theirs.fileno(),
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(DEADLINE_S)
        printed = b""
        while piece := ours.recv(1 << 16):
            printed += piece
        return process.wait(DEADLINE_S), printed.decode().splitlines()
