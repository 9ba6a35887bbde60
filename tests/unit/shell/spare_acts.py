"""Acts of a process that keeps spares: real story workers, in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from prd_supervise.supervisor.shell.children.spares import Spares
from prd_supervise.supervisor.shell.storage.locks import LockBusyError, lock_for_child
from prd_supervise.workers import spawn_targets
from prd_supervise.workers.messages.story import Assign, RunVerify
from prd_supervise.workers.process import descendants
from prd_supervise.workers.process.entry import become

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.unit.shell.process_acts import Tree, main, stop


def spares_of(tree: Tree, folder: Path) -> Spares:
    def start(child_id: str, incarnation: int, door: Connection) -> None:
        arguments = (door, os.getpid(), "spare P", str(folder / "crash.log"))
        tree.processes.spawn(child_id, incarnation, spawn_targets.story, arguments)

    return Spares(tree.processes, start)


def assign(folder: Path) -> Assign:
    return Assign(
        prd_id="P",
        story_id="S",
        title="t",
        attempt=1,
        base="b",
        worktree=str(folder),
        attempt_dir=str(folder / "1"),
        marker="m",
    )


def is_held(place: Path) -> bool:
    try:
        lock_for_child(place).close()
    except LockBusyError:
        return True
    return False


def title(pid: int) -> str:
    return Path("/proc", str(pid), "cmdline").read_bytes().rstrip(b"\0 ").decode()


def is_taken(folder: Path) -> Any:  # noqa: ANN401  JSON, as all acts
    """A spare that is ready becomes a story's worker, and holds its lock until it ends."""
    tree = Tree(folder)
    spares, place = spares_of(tree, folder), folder / "lock"
    spares.keep(1)
    tree.has_heard(1)
    spare = tree.heard[0][0]
    pid = tree.pid(spare)
    before = title(pid)
    spares.become("story/S", 7, lock_for_child(place))
    held = [is_held(place)]
    tree.processes.send("story/S", assign(folder))
    verify = RunVerify(stage="base", commit="c", cwd=str(folder), commands=(), timeout_s=9)
    tree.processes.send("story/S", verify)
    tree.has_heard(3)  # what has answered that has served what came before
    held.append(is_held(place))
    after = title(pid)
    is_same = tree.pid("story/S") == pid and tree.processes.pid_of(spare) is None
    tree.processes.send("story/S", stop(0.0))
    tree.has_heard(4)
    held.append(is_held(place))
    return {
        "heard": [tree.heard[1], tree.heard[3]],
        "titles": [before, after],
        "held": held,
        "same": is_same,
    }


def is_not_ready_yet(folder: Path) -> Any:  # noqa: ANN401
    """A spare that still starts, or none at all: Ready comes when it comes."""
    tree = Tree(folder)
    spares = spares_of(tree, folder)
    spares.keep(1)
    spares.become("story/A", 1, lock_for_child(folder / "a"))
    spares.become("story/B", 2, lock_for_child(folder / "b"))
    tree.has_heard(2)
    return sorted(tree.heard)


def dies_before(folder: Path) -> Any:  # noqa: ANN401
    """A spare that has died is not given to anybody, and is made up for."""
    tree = Tree(folder)
    spares = spares_of(tree, folder)
    spares.keep(2)
    tree.has_heard(2)
    first, second = (each[0] for each in tree.heard)
    os.kill(tree.pid(first), signal.SIGKILL)
    tree.until(lambda: tree.processes.pid_of(first) is None)
    spares.keep(2)
    tree.until(lambda: len([each for each in tree.heard if each[2] == "ready"]) == 3)
    alive = [number for number in range(1, 4) if tree.processes.pid_of(f"spare/{number}")]
    spares.become("story/S", 1, lock_for_child(folder / "lock"))
    return {"alive": len(alive), "second": tree.processes.pid_of(second) is None}


def is_stopped_before(folder: Path) -> Any:  # noqa: ANN401
    """A spare that somebody has stopped is killed, and the next one is taken."""
    tree = Tree(folder)
    spares = spares_of(tree, folder)
    spares.keep(2)
    tree.has_heard(2)
    first, second = tree.pid("spare/1"), tree.pid("spare/2")
    os.kill(first, signal.SIGSTOP)
    while Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.001)
    spares.become("story/S", 1, lock_for_child(folder / "lock"))
    is_second = tree.pid("story/S") == second
    tree.until(lambda: tree.processes.pid_of("spare/1") is None)
    return {"second": is_second, "gone": descendants.start_ticks(first) is None}


def dies_at_the_door(folder: Path) -> Any:  # noqa: ANN401
    """A spare that dies when it is wanted, before anybody has noticed: a new one is started."""
    tree = Tree(folder)
    spares = spares_of(tree, folder)
    spares.keep(1)
    tree.has_heard(1)
    spare = tree.pid("spare/1")
    os.kill(spare, signal.SIGKILL)
    os.waitid(os.P_PID, spare, os.WEXITED | os.WNOWAIT)
    spares.become("story/S", 3, lock_for_child(folder / "lock"))
    tree.until(lambda: ["story/S", 3, "ready"] in tree.heard)
    return sorted(tree.heard[1:])


def is_left_by_its_supervisor(folder: Path) -> Any:  # noqa: ANN401
    """Two spares, one of them stopped; then the supervisor is killed. We are who adopts."""
    become("test")
    supervisor = os.fork()
    if supervisor == 0:
        tree = Tree(folder)
        spares_of(tree, folder).keep(2)
        tree.has_heard(2)
        os.kill(tree.pid("spare/1"), signal.SIGSTOP)
        (folder / "ready").write_text(f"{tree.pid('spare/1')} {tree.pid('spare/2')}")
        while True:
            tree.loop.run_once()
    while not (folder / "ready").exists():
        time.sleep(0.01)
    stopped, idle = map(int, (folder / "ready").read_text().split())
    ticks = [cpu_ticks(idle)]
    time.sleep(1.0)  # what is measured is a time
    ticks.append(cpu_ticks(idle))
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)
    while descendants.start_ticks(idle) is not None and not descendants.is_zombie(idle):
        time.sleep(0.005)
    descendants.kill_all_descendants(time.monotonic() + 30)
    gone = descendants.start_ticks(stopped) is None
    # Who looks around all the time uses a hundred; one may belong to what came before.
    return {"stopped one goes": gone, "is idle": ticks[1] - ticks[0] < 10}


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    main(globals(), *sys.argv[1:])
