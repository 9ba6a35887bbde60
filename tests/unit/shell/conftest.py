from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.workers.process.eventloop import EventLoop
from tests.support.worker_player import Play, WorkerPlayer

ACT_S_MAX = 150.0
_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1)

Act = Callable[..., Any]


@pytest.fixture
def act(tmp_path: Path) -> Act:
    """Play an act of a script beside this file, in a process of its own; give what it printed."""

    def play(script: str, name: str, *words: str) -> Any:  # noqa: ANN401  JSON
        argv = [sys.executable, str(Path(__file__).with_name(script)), name, str(tmp_path), *words]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=ACT_S_MAX)
        assert done.returncode == 0, f"{name}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    return play


@pytest.fixture
def play(tmp_path: Path, mark: str) -> Iterator[Play]:
    """Play acts of worker_like.py."""
    assert mark, "what is started bears it"
    player = WorkerPlayer(tmp_path)
    yield player.play
    player.end()


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    made = EventLoop()
    yield made
    made.close()
    for number, handler in before.items():
        signal.signal(number, handler)
