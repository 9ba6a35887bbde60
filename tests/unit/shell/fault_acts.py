"""Acts of a supervisor whose system fails it, or whose children go mad; in its own process."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from prd_supervise.policies.supervising import liveness
from prd_supervise.supervisor.shell.children.sweep import _kill
from prd_supervise.supervisor.shell.control import server as control
from prd_supervise.supervisor.shell.control.server import ControlServer
from prd_supervise.workers.messages import story
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process import descendants
from prd_supervise.workers.process.entry import ChildProcess

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.unit.shell.process_acts import Tree, main, stop

FREEZER = Path("/sys/fs/cgroup/freezer")
FLOOD = 30_000  # at least; it goes on until somebody else was heard


def mad(connection: Connection, how: str) -> None:
    """Say what no child of ours says."""
    data = {
        "two megabytes": b"x" * (2 << 20),
        "no JSON": b"\x00{]",
        "no word": b'{"kind":"Nonsense","body":{}}',
        "no such field": b'{"kind":"Finish","body":{"result":"a","more":1}}',
        "wrong type": b'{"kind":"Finish","body":{"result":1}}',
    }[how]
    connection.send_bytes(data)
    while True:
        signal.pause()


def flooding(connection: Connection, parent_pid: int, crash_log: str, enough: str) -> None:
    """Say far more than anybody wants to hear, as fast as it goes."""
    process = ChildProcess("test flood", connection, parent_pid, crash_log, story)
    process.say_ready()
    os.set_blocking(connection.fileno(), True)
    number = 0
    while number < FLOOD or not Path(enough).exists():
        connection.send_bytes(b'{"kind":"Finish","body":{"result":"%d %s"}}' % (number, b"x" * 400))
        number += 1
    process.end(0)


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Leave this process none."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def has_no_descriptors(folder: Path) -> Any:  # noqa: ANN401  JSON, as all acts
    """Fail to start a child, leave nothing of it behind, and start it later."""
    tree = Tree(folder)
    tree.proper("first")
    tree.has_heard(1)
    before = descriptors()
    errors = []
    for _ in range(3):
        with no_descriptors():
            try:
                tree.proper("second")
            except OSError as error:
                errors.append(error.errno)
    is_clean = descriptors() == before and tree.processes.pid_of("second") is None
    tree.proper("second", 2)
    tree.has_heard(2)
    return {"errors": errors, "clean": is_clean, "heard": tree.heard[1:]}


def hears_nonsense(folder: Path) -> Any:  # noqa: ANN401
    tree = Tree(folder)
    hows = ("two megabytes", "no JSON", "no word", "no such field", "wrong type")
    tree.proper("well")
    for how in hows:
        tree.processes.spawn(how, 1, mad, (how,))
    tree.has_heard(1 + len(hows))
    exits = {each[0]: each[3] for each in tree.heard if len(each) == 4}
    tree.processes.send("well", stop())
    tree.has_heard(2 + len(hows))
    return {"exits": exits, "well": [each for each in tree.heard if each[0] == "well"]}


def is_flooded(folder: Path) -> Any:  # noqa: ANN401
    """Serve another child while one floods us: both are heard whole."""
    tree = Tree(folder)
    tree.proper("other")
    tree.has_heard(1)
    arguments = (os.getpid(), str(folder / "crash.log"), str(folder / "enough"))
    tree.processes.spawn("flood", 1, flooding, arguments)
    tree.until(lambda: len(tree.heard) > 100)
    longest_s, before_s = 0.0, time.process_time()
    tree.processes.send("other", Finish(result="environ"))
    seen, is_over = 0, False
    while not is_over:
        tree.loop.run_once()
        now_s = time.process_time()  # what the machine gives to others is no turn of ours
        longest_s, before_s = max(longest_s, now_s - before_s), now_s
        for each in tree.heard[seen:]:
            if each[0] == "other" and each[2] != "ready":
                (folder / "enough").touch()  # the flood ends only then
            is_over = is_over or (each[0] == "flood" and len(each) == 4)
        seen = len(tree.heard)
    words = [each[2] for each in tree.heard if each[0] == "flood" and len(each) == 3]
    numbers = [int(word.split()[0]) for word in words[1:]]
    return {
        "all": len(numbers) >= FLOOD and numbers == [*range(len(numbers))],
        "turns_are_short": longest_s < 1.0,
    }


def loses_the_tracker(folder: Path) -> Any:  # noqa: ANN401
    """Somebody kills multiprocessing's resource tracker: children start as before."""
    tree = Tree(folder)
    tree.proper("first")
    tree.has_heard(1)
    tracker = getattr(resource_tracker._resource_tracker, "_pid", 0)
    os.kill(tracker, signal.SIGKILL)
    os.waitid(os.P_PID, tracker, os.WEXITED | os.WNOWAIT)
    tree.proper("second")
    tree.has_heard(2)
    again = getattr(resource_tracker._resource_tracker, "_pid", 0)
    return {"heard": tree.heard, "another": again not in {0, tracker}}


def loses_an_exit_code(folder: Path) -> Any:  # noqa: ANN401
    """Somebody in this process reaps our child."""
    tree = Tree(folder)
    tree.bare("a", "exit 3")
    os.waitpid(tree.pid("a"), 0)
    tree.has_heard(1)
    return tree.heard


def leaves_what_cannot_be_killed(folder: Path) -> Any:  # noqa: ANN401
    """A child's orphan sleeps in the kernel: frozen by a cgroup, as a broken disk would do it."""
    liveness.UNDEAD_S = 0.5
    group = FREEZER / f"prd-supervise-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "freezer.state").read_text()
    except OSError as error:
        return {"skip": str(error)}
    tree = Tree(folder)
    told: list[list[str]] = []
    tree.processes.on_notice = lambda *words: told.append([*words])
    tree.proper("parent")
    tree.has_heard(1)
    frozen = subprocess.Popen(["sleep", "600"], start_new_session=True)  # ours, as an orphan is
    (group / "cgroup.procs").write_text(str(frozen.pid))
    (group / "freezer.state").write_text("FROZEN")
    try:
        while (group / "freezer.state").read_text().strip() != "FROZEN":
            time.sleep(0.001)
        os.kill(tree.pid("parent"), signal.SIGKILL)
        tree.has_heard(2)  # while the orphan is frozen
        tree.until(lambda: told)
        used_s = time.process_time()
        until_s = time.monotonic() + 1.5
        tree.loop.call_at(until_s, lambda: None)
        tree.until(lambda: time.monotonic() >= until_s)
        used_s = time.process_time() - used_s
    finally:
        (group / "freezer.state").write_text("THAWED")
    tree.until(lambda: descendants.start_ticks(frozen.pid) is None)
    group.rmdir()
    return {
        "heard": tree.heard[1:],
        "told": [each[:2] for each in told],
        "names_it": str(frozen.pid) in told[0][2],
        "spins": used_s > 0.3,
    }


def has_no_descriptors_at_the_door(folder: Path) -> Any:  # noqa: ANN401
    """A client knocks while root has no descriptor left: it waits, and root does not spin."""
    control.PAUSE_S = 0.2
    tree = Tree(folder)
    path = folder / "s"
    server = ControlServer(
        tree.loop, path, folder / "link", lambda _: {"ok": True}, settle=lambda: None
    )
    client = socket.socket(socket.AF_UNIX)
    with no_descriptors():
        client.connect(str(path))
        client.sendall(b'{"verb": "status"}\n')
        turns, until_s = 0, time.monotonic() + 0.7
        tree.loop.call_at(until_s, lambda: None)
        while time.monotonic() < until_s:
            tree.loop.run_once()
            turns += 1
    answer = bytearray()
    client.settimeout(0)

    def has_answer() -> bool:
        try:
            answer.extend(client.recv(1000))
        except BlockingIOError:
            tree.loop.call_at(tree.loop.now_s() + 0.01, lambda: None)
        return bool(answer)

    tree.until(has_answer)
    server.close()
    client.close()
    return {"answer": json.loads(answer), "spins": turns > 20}


def meets_a_number_that_is_used_again(folder: Path) -> Any:  # noqa: ANN401, ARG001
    """What bore the mark is gone when it is to be killed, and its number is another's."""
    import psutil  # noqa: PLC0415

    innocent = subprocess.Popen(["sleep", "600"], env={"PRD_SUPERVISE_RUN": "another"})
    try:
        _kill(psutil.Process(innocent.pid), "mine")
        return {"lives": innocent.poll() is None and not descendants.is_zombie(innocent.pid)}
    finally:
        innocent.kill()
        innocent.wait()


if __name__ == "__main__":
    main(globals(), *sys.argv[1:])
