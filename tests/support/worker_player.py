"""Plays acts of worker_like.py, each below a worker of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prd_supervise.policies.ceilings.verdicts import Attempt
from prd_supervise.supervisor.shell.ceilings.kinship import Worker
from prd_supervise.supervisor.shell.children.sweep import MARKER
from prd_supervise.workers.process.process_table import read_start_ticks

SCRIPT = Path(__file__).with_name("worker_like.py")
END_S_MAX = 60.0
RUN = uuid.uuid4().hex  # tests run beside each other
ATTEMPT = Attempt(prd_id="A", story_id="US-1", number=2)
OWN_NAMES = {
    MARKER: RUN,
    "PRD_SUPERVISE_PRD_ID": "A",
    "PRD_SUPERVISE_STORY_ID": "US-1",
    "PRD_SUPERVISE_ATTEMPT": "2",
}

Play = Callable[..., tuple[Worker, dict[str, Any]]]


class WorkerPlayer:
    """Starts workers, and ends them with all that they started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []

    def play(
        self, name: str, *words: str, env: Mapping[str, str] = OWN_NAMES
    ) -> tuple[Worker, dict[str, Any]]:
        """Play an act; return its worker and what the act has told."""
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), name, str(self._folder), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **env},
        )
        self._started.append(process)
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        ticks = read_start_ticks(process.pid)
        assert ticks is not None
        worker = Worker(attempt=ATTEMPT, pid=process.pid, start_ticks=ticks, began_at_s=1.0)
        return worker, told

    def end(self) -> None:
        """End everything."""
        for process in self._started:
            process.communicate(timeout=END_S_MAX)
