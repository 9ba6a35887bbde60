"""Spawns children by the product's own Processes, and prints the times as JSON.

It runs as a process of its own, because a spawned child imports its parent's main module again:
like the console script, this one imports next to nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

from prd_supervise.__main__ import main as _console_script  # noqa: F401  as the console script does

WARM_UP = 2


def drive(folder: str, repository: str, times: int) -> dict[str, dict[str, list[float]]]:
    """Spawn story workers, then integrators: seconds to Ready, in the parent, and to the exit."""
    from pathlib import Path  # noqa: PLC0415  none of this may be imported by the children

    from prd_supervise.supervisor.shell.children.processes import Processes  # noqa: PLC0415
    from prd_supervise.supervisor.shell.storage.locks import lock_for_child  # noqa: PLC0415
    from prd_supervise.workers import integrator, story  # noqa: PLC0415
    from prd_supervise.workers.messages.common import Ready, Stop  # noqa: PLC0415
    from prd_supervise.workers.messages.rules import Rules  # noqa: PLC0415
    from prd_supervise.workers.process.eventloop import EventLoop  # noqa: PLC0415
    from prd_supervise.workers.process.lock_handover import give, make_door  # noqa: PLC0415

    seen: dict[str, float] = {}

    def on_message(_child_id: str, _incarnation: int, message: object) -> None:
        if isinstance(message, Ready):
            seen["ready"] = time.monotonic()

    def on_exit(*_about: object) -> None:
        seen["exit"] = time.monotonic()

    loop = EventLoop()
    processes = Processes(loop, on_exit, on_message, ())
    crash_log = str(Path(folder, "crash.log"))

    def wait_for(what: str) -> float:
        while what not in seen:
            loop.run_once()
        return seen.pop(what)

    def spawn_story(number: int) -> None:
        ours, door = make_door()
        arguments = (door, os.getpid(), "spare bench", crash_log)
        processes.spawn("child", number, story.main, arguments)
        door.close()
        with lock_for_child(Path(folder, "lock")) as lock:
            give(ours, lock)

    def spawn_git(number: int) -> None:
        places = (
            repository,
            str(Path(folder, "worktrees")),
            "PRD-1",
            str(Path(folder, "git.lock")),
        )
        arguments = (os.getpid(), "git bench", places, Rules(), crash_log)
        processes.spawn("child", number, integrator.main, arguments)

    def timed(spawn: Callable[[int], None], number: int) -> tuple[float, float, float]:
        began_s = time.monotonic()
        spawn(number)
        spawned_s = time.monotonic()
        ready_s = wait_for("ready")
        asked_s = time.monotonic()
        processes.send("child", Stop(deadline_s=asked_s, grace_s=0.0))
        return ready_s - began_s, spawned_s - began_s, wait_for("exit") - asked_s

    found = {}
    for name, spawn in (("story", spawn_story), ("git", spawn_git)):
        # The first spawn also starts multiprocessing's resource tracker.
        taken = [timed(spawn, number) for number in range(times + WARM_UP)][WARM_UP:]
        ready, blocked, ended = zip(*taken, strict=True)
        found[name] = {"ready": [*ready], "blocked": [*blocked], "ended": [*ended]}
    return found


if __name__ == "__main__":
    print(json.dumps(drive(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
