"""A child for tests on real processes: light, so that many of them start in a second.

It imports nothing of ours. Its log gets a line before it says Ready, so that others can find it.
"""

from __future__ import annotations

import json
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def obey(connection: Connection, folder: str, name: str, waits_for: str) -> None:
    """Serve until Stop, the parent's death or a signal; SIGINT is a normal end by itself.

    While there is a file `fail-NAME`, starts fail; `fail-NAME-once` goes with the first of them.
    With `waits_for` it does not stop before there is a file of that name.
    """
    if Path(folder, f"fail-{name}").exists():
        os._exit(3)
    once = Path(folder, f"fail-{name}-once")
    if once.exists():
        once.unlink()
        os._exit(3)
    signal.signal(signal.SIGINT, lambda *_: _end(connection, 0))
    for number in SIGNALS[1:]:
        signal.signal(number, signal.SIG_DFL)
    note(folder, f"+{name} {os.getpid()}")
    _say(connection, "Ready", {"pid": os.getpid(), "start_ticks": 1})
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        while b'"Stop"' not in connection.recv_bytes():
            pass
    except (EOFError, OSError):
        os._exit(1)
    while waits_for and not Path(folder, waits_for).exists():
        time.sleep(0.01)
    _end(connection, 0)


def note(folder: str, line: str) -> None:
    """Add a line to the common log; lines of several processes stand in their order."""
    fd = os.open(Path(folder, "log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, f"{line}\n".encode())
    os.close(fd)


def _say(connection: Connection, kind: str, body: dict[str, int]) -> None:
    connection.send_bytes(json.dumps({"kind": kind, "body": body}).encode())


def _end(connection: Connection, code: int) -> None:
    _say(connection, "Done", {})
    os._exit(code)
