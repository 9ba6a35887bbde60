"""A supervisor of one story worker, of the product's own parts: reaper, spares, lock and worker."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from prd_supervise.policies.supervising.spec import ExitReason
from prd_supervise.supervisor.shell.children.processes import Processes
from prd_supervise.supervisor.shell.children.spares import Spares
from prd_supervise.supervisor.shell.storage.locks import LockBusyError, lock_for_child
from prd_supervise.workers import spawn_targets
from prd_supervise.workers.messages import story as words
from prd_supervise.workers.messages.agents import AgentSpec
from prd_supervise.workers.messages.common import Ready
from prd_supervise.workers.process.eventloop import EventLoop

WARM_UP = 2
CHILD = "story"
LOOK_AGAIN_S = 0.0002
SETTLE_S = 0.3
_AGENT = AgentSpec(name="command", command=("/bin/sleep", "600"))


class Supervision:
    """Keeps one worker, whose agent sleeps; the next one is asked for without a backoff."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, float] = {}
        self._loop = EventLoop()
        self._processes = Processes(self._loop, self._on_exit, self._on_message, (words,))
        self._spares = Spares(self._processes, self._spawn)
        self._spare = 0

    def start(self) -> None:
        """Start the first one."""
        self._start(1)
        self._wait_for(CHILD)
        self._wait_for("agent")

    def kill(self) -> tuple[float, float]:
        """Kill the worker: the seconds until the next is ready, and until its agent runs."""
        pid = self._processes.pid_of(CHILD)
        if pid is None:
            raise AssertionError("the worker does not live")
        self._settle()
        killed_s = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        return self._wait_for(CHILD) - killed_s, self._wait_for("agent") - killed_s

    def kill_with_spare(self) -> tuple[float, float]:
        """The same, with a spare that is ready before."""
        self._spare += 1
        self._spares.keep(1)
        self._wait_for(f"spare/{self._spare}")
        return self.kill()

    def end(self) -> None:
        """End all of them."""
        self._processes.end_strays(0.0)

    def _start(self, incarnation: int) -> None:
        try:
            lock = lock_for_child(self._folder / "lock")
        except LockBusyError:  # the killed one's agent is dying, and nobody may start before
            again_s = self._loop.now_s() + LOOK_AGAIN_S
            self._loop.call_at(again_s, lambda: self._start(incarnation))
            return
        self._spares.become(CHILD, incarnation, lock)

    def _spawn(self, child_id: str, incarnation: int, door: Connection) -> None:
        arguments = (door, os.getpid(), "spare bench", str(self._folder / "crash.log"))
        self._processes.spawn(child_id, incarnation, spawn_targets.story, arguments)

    def _on_message(self, child_id: str, _incarnation: int, message: object) -> None:
        if isinstance(message, Ready):
            self._seen[child_id] = time.monotonic()
            if child_id == CHILD:
                self._processes.send(CHILD, self._assignment())
                self._processes.send(CHILD, words.RunAgent(prompt="", agent=_AGENT))
        if isinstance(message, words.AgentStarted):
            self._seen["agent"] = time.monotonic()

    def _on_exit(self, child_id: str, incarnation: int, _reason: ExitReason) -> None:
        if child_id == CHILD:
            self._start(incarnation + 1)

    def _assignment(self) -> words.Assign:
        return words.Assign(
            prd_id="PRD-1",
            story_id="US-1",
            title="a story",
            attempt=1,
            base="",
            worktree=str(self._folder),
            attempt_dir=str(self._folder / "attempt"),
            marker="bench",
        )

    def _settle(self) -> None:
        until_s = time.monotonic() + SETTLE_S
        self._loop.call_at(until_s, lambda: None)
        while time.monotonic() < until_s:
            self._loop.run_once()

    def _wait_for(self, what: str) -> float:
        while what not in self._seen:
            self._loop.run_once()
        return self._seen.pop(what)


def drive(folder: Path, times: int) -> None:
    """Print the times as JSON: cold, and with a spare."""
    tree = Supervision(folder)
    tree.start()
    kills: dict[str, Callable[[], tuple[float, float]]] = {
        "cold": tree.kill,
        "spare": tree.kill_with_spare,
    }
    found = {}
    for name, kill in kills.items():
        ready, agent = zip(*[kill() for _ in range(times + WARM_UP)][WARM_UP:], strict=True)
        found[name] = {"ready": [*ready], "agent": [*agent]}
    print(json.dumps(found), flush=True)
    tree.end()
    os._exit(0)
