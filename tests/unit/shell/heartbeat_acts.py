"""Acts of a supervisor whose children beat, or do not: in its own process, quicker than life."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from prd_supervise.policies.supervising import liveness
from prd_supervise.policies.supervising.liveness import Patience
from prd_supervise.supervisor.shell.children.heartbeats import Heartbeats, Watch
from prd_supervise.workers.messages import story
from prd_supervise.workers.messages.common import Extend, Heartbeat
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process.entry import ChildProcess

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.unit.shell.process_acts import Tree, main

FREEZER = Path("/sys/fs/cgroup/freezer")
BEAT_S = 0.2
# Between two steps one can die, or be heard, though the machine be slow.
PATIENCE = Patience(warn_s=3.0, dump_s=3.6, terminate_s=4.2, kill_s=8.0)
QUICK = Patience(warn_s=1.6, dump_s=2.0, terminate_s=2.4, kill_s=3.0)


def beating(connection: Connection, parent_pid: int, crash_log: str, how: str) -> None:
    """Be a child that beats until it is told to do something that it never comes back from."""
    import faulthandler  # noqa: PLC0415

    process = ChildProcess(f"test {how}", connection, parent_pid, crash_log, story)
    faulthandler.register(signal.SIGUSR2, file=2, all_threads=True, chain=False)

    def beat() -> None:
        process.say(Heartbeat())
        process.loop.call_at(process.loop.now_s() + BEAT_S / 2, beat)

    def on_message(message: object) -> None:
        match message:
            case Finish(result="stick in C"):
                lock = ctypes.create_string_buffer(64)
                for _ in range(2):  # the second waits for ever, with the GIL: no handler runs
                    ctypes.PyDLL(None).pthread_mutex_lock(lock)
            case Finish(result="sleep"):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    signal.pause()
            case Finish(result="extend" | "extend for long" as result):
                process.say(Extend(for_s=600))
                # The loop stands still, as for a long git command.
                time.sleep(PATIENCE.warn_s + 0.5 if result == "extend" else 60)
                process.say(Finish(result="back"))
            case _:
                process.say(message)

    process.on_message = on_message
    process.say_ready()
    beat()
    process.run()


class Watched(Tree):
    """A supervisor that watches, and what it told of it."""

    def __init__(
        self, folder: Path, *, stretch: float = 1.0, patience: Patience = PATIENCE
    ) -> None:
        super().__init__(folder)
        self.told: list[list[str]] = []
        self.excused: set[str] = set()  # who has announced to be silent
        watch = Watch(
            from_ready=lambda _: True,
            patience=patience,
            beat_s=BEAT_S,
            stretch=lambda: stretch,
        )
        self.heartbeats = Heartbeats(self.loop, self.processes, watch)
        self.heartbeats.on_notice = self.processes.on_notice = self._on_notice
        self.processes._on_message = self._on_word

    def _on_notice(self, child_id: str, event: str, text: str) -> None:
        self.told.append([child_id, event, text])

    def _on_word(self, child_id: str, incarnation: int, message: object) -> None:
        self.heartbeats.on_word(child_id, message)
        if isinstance(message, Extend):
            self.excused.add(child_id)
        if not isinstance(message, Heartbeat | Extend):
            self._on_message(child_id, incarnation, message)

    def _on_message(self, child_id: str, incarnation: int, message: object) -> None:
        super()._on_message(child_id, incarnation, message)
        self.heartbeats.on_ready(child_id)

    def _on_exit(self, child_id: str, _incarnation: int, reason: Any) -> None:  # noqa: ANN401
        self.heartbeats.forget(child_id)
        self.heard.append([child_id, reason.cause.value, reason.detail])

    def begin(self, *names: str) -> None:
        """Start these children, and wait until they are ready."""
        for name in names:
            arguments = (os.getpid(), str(self.folder / "crash.log"), name)
            self.processes.spawn(name, 1, beating, arguments)
        self.has_heard(len(names))
        self.heard.clear()

    def let(self, lasting_s: float, is_so: Callable[[], object] = bool) -> None:
        """Serve for so long, or until it is so; one turn at least."""
        until_s = self.loop.now_s() + lasting_s
        self.loop.call_at(until_s, lambda: None)
        self.loop.run_once()
        self.until(lambda: is_so() or self.loop.now_s() >= until_s)


def goes_up_the_ladder(folder: Path) -> Any:  # noqa: ANN401  JSON, as all acts
    """One is stopped, one is stuck in C, one sleeps and ignores SIGTERM, one is well."""
    tree = Watched(folder)
    tree.begin("stopped", "stick in C", "sleep", "well")
    os.kill(tree.pid("stopped"), signal.SIGSTOP)
    for name in ("stick in C", "sleep"):
        tree.processes.send(name, Finish(result=name))
    tree.has_heard(3)
    lives = tree.processes.pid_of("well") is not None
    told = {name: [each[1:] for each in tree.told if each[0] == name] for name in tree_names()}
    return {
        "exits": {each[0]: each[1:] for each in tree.heard},
        "told": told,
        "lives": lives,
        "dumped": (folder / "crash.log").read_text().count("most recent call first"),
    }


def tree_names() -> tuple[str, ...]:
    return ("stopped", "stick in C", "sleep", "well")


def is_excused(folder: Path) -> Any:  # noqa: ANN401
    """Stand still for longer than a hang's warning, after having announced it."""
    tree = Watched(folder)
    tree.begin("a")
    tree.processes.send("a", Finish(result="extend"))
    tree.has_heard(1)
    return {"heard": tree.heard, "told": tree.told}


def is_stopped_while_excused(folder: Path) -> Any:  # noqa: ANN401
    """Somebody stops a child that has announced to be silent: it does not do what it said."""
    tree = Watched(folder)
    tree.begin("a")
    tree.processes.send("a", Finish(result="extend for long"))
    tree.let(90, lambda: "a" in tree.excused)
    os.kill(tree.pid("a"), signal.SIGSTOP)
    tree.has_heard(1)
    return {"heard": tree.heard, "told": [each[1] for each in tree.told]}


def was_stopped_itself(folder: Path) -> Any:  # noqa: ANN401
    """A supervisor and its child are stopped for longer than every patience, then continued."""
    tree = Watched(folder, patience=QUICK)
    tree.begin("a")
    child = tree.pid("a")
    waker = os.fork()
    if waker == 0:  # stops and wakes the two, as nobody of them can
        for number, wait_s in ((signal.SIGSTOP, 4.0), (signal.SIGCONT, 0.0)):
            os.kill(child, number)
            os.kill(os.getppid(), number)
            time.sleep(wait_s)
        os._exit(0)
    before_s = time.monotonic()
    tree.let(90, lambda: time.monotonic() - before_s > 4.0)
    tree.let(1.0)  # less than until a warning
    lives = tree.processes.pid_of("a") == child
    return {"heard": tree.heard, "steps": [t for t in tree.told if "hang" in t[1]], "lives": lives}


def was_busy_itself(folder: Path) -> Any:  # noqa: ANN401
    """A supervisor that is late for its own checks learns nothing from silence."""
    tree = Watched(folder, patience=QUICK)
    tree.begin("a")
    os.kill(tree.pid("a"), signal.SIGSTOP)
    for _ in range(16):
        time.sleep(2.5 * BEAT_S)  # a host without time for it
        tree.let(0.0)
    return {"heard": tree.heard, "steps": [t for t in tree.told if "hang" in t[1]]}


def is_pressed(folder: Path) -> Any:  # noqa: ANN401
    """Under pressure, four times the patience."""
    patience = Patience(warn_s=1.0, dump_s=20.0, terminate_s=30.0, kill_s=40.0)
    tree = Watched(folder, stretch=4.0, patience=patience)
    tree.begin("a")
    os.kill(tree.pid("a"), signal.SIGSTOP)
    began_s = time.monotonic()
    tree.until(lambda: any("hang" in each[1] for each in tree.told))
    waited_s = time.monotonic() - began_s
    os.kill(tree.pid("a"), signal.SIGCONT)
    tree.until(lambda: tree.told[-1][1] == "hang_over")
    return {"late": waited_s > 3 * patience.warn_s, "told": [each[1] for each in tree.told]}


def cannot_be_killed(folder: Path) -> Any:  # noqa: ANN401
    """A child sleeps in the kernel: frozen by a cgroup, as a broken disk would do it."""
    liveness.UNDEAD_S = 0.4
    group = FREEZER / f"prd-supervise-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "freezer.state").read_text()
    except OSError as error:
        return {"skip": str(error)}
    tree = Watched(folder)
    tree.begin("a")
    (group / "cgroup.procs").write_text(str(tree.pid("a")))
    (group / "freezer.state").write_text("FROZEN")
    try:
        tree.until(lambda: tree.told and tree.told[-1][1] == "undead")
        heard_before = list(tree.heard)
    finally:
        (group / "freezer.state").write_text("THAWED")
    tree.has_heard(1)
    group.rmdir()
    told = [each[1] for each in tree.told]
    return {"before": heard_before, "after": tree.heard, "told": told}


def is_idle_without_children(folder: Path) -> Any:  # noqa: ANN401
    tree = Watched(folder)
    idle = [tree.heartbeats.is_idle]
    tree.begin("a")
    idle.append(tree.heartbeats.is_idle)
    os.kill(tree.pid("a"), signal.SIGKILL)
    tree.has_heard(1)
    idle.append(tree.heartbeats.is_idle)
    return {"idle": idle, "heard": tree.heard}


if __name__ == "__main__":
    main(globals(), *sys.argv[1:])
