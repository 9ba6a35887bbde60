"""A supervisor with real children, in a process of its own; it prints facts as JSON."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.children import processes as module
from prd_supervise.supervisor.shell.children.processes import Processes
from prd_supervise.workers.messages import prd, story
from prd_supervise.workers.messages.common import Done, Ready, Stop
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process import capabilities, descendants
from prd_supervise.workers.process.entry import ChildProcess, become
from prd_supervise.workers.process.eventloop import EventLoop

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.support import kqueues

WITHIN_S = 120.0


# --- what the children do -----------------------------------------------------------------------


def bare(connection: Connection, how: str) -> None:
    """Do one thing without any of our own machinery, and end."""
    match how:
        case "exit 0":
            os._exit(0)
        case "exit 3":
            os._exit(3)
        case "signal":
            os.kill(os.getpid(), signal.SIGKILL)
        case "torn":
            os.write(connection.fileno(), b"\xff\xff\xff\xff")
            signal.pause()
        case "mute":
            connection.close()
            signal.pause()
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            connection.send_bytes(b'{"kind":"Finish","body":{"result":"deaf"}}')
            while True:
                signal.pause()
        case _:
            raise AssertionError(how)


def proper(connection: Connection, parent_pid: int, crash_log: str, how: str) -> None:
    """Be a child as ours are."""
    process = ChildProcess(f"test {how}", connection, parent_pid, crash_log, prd, story)

    def on_message(message: object) -> None:
        match message:
            case Stop():
                process.end(0)
            case Finish(result="environ"):
                process.say(Finish(result=_about_itself()))
            case Finish(result="die with strays"):
                subprocess.Popen(["sleep", "600"], start_new_session=True)
                process.say(Finish(result="strays"))
                os.kill(os.getpid(), signal.SIGKILL)
            case Finish():
                for number in range(500):
                    process.say(Finish(result=f"{number} " + "x" * 1000))
                process.end(0)

    process.on_message = on_message
    process.say_ready()
    process.run()


def _about_itself() -> str:
    return json.dumps(
        {
            "marker": b"PRD_SUPERVISE_RUN=m" in _proc("environ").split(b"\0"),
            "title": _proc("cmdline").rstrip(b"\0 ").decode(),
            "own_session": os.getsid(0) == os.getpid(),
            "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        }
    )


def _proc(name: str) -> bytes:
    return Path("/proc/self", name).read_bytes()


# --- the supervisor -----------------------------------------------------------------------------


class Tree:
    """Children, and what was heard of them in its order."""

    def __init__(self, folder: Path) -> None:
        os.environ["PRD_SUPERVISE_RUN"] = "m"
        become("test")
        self.folder = folder
        self.loop = EventLoop()
        self.heard: list[Any] = []
        self.processes = Processes(self.loop, self._on_exit, self._on_message, (prd, story))
        self.loop.call_at(self.loop.now_s() + WITHIN_S, lambda: os._exit(99))

    def _on_exit(self, child_id: str, incarnation: int, reason: Any) -> None:  # noqa: ANN401
        self.heard.append([child_id, incarnation, reason.exit_class.value, reason.detail])

    def _on_message(self, child_id: str, incarnation: int, message: object) -> None:
        what = "ready" if isinstance(message, Ready) else getattr(message, "result", "")
        self.heard.append([child_id, incarnation, what])

    def bare(self, child_id: str, how: str, incarnation: int = 1) -> None:
        """Start a child that does one thing."""
        self.processes.spawn(child_id, incarnation, bare, (how,))

    def proper(self, child_id: str, incarnation: int = 1, **options: float) -> None:
        """Start a child as ours are."""
        arguments = (os.getpid(), str(self.folder / "crash.log"), child_id)
        self.processes.spawn(child_id, incarnation, proper, arguments, **options)

    def until(self, is_so: Callable[[], object]) -> None:
        """Serve until it is so."""
        while not is_so():
            self.loop.run_once()

    def has_heard(self, count: int) -> None:
        """Serve until so many things were heard."""
        self.until(lambda: len(self.heard) >= count)

    def pid(self, child_id: str) -> int:
        """Give the pid of a living child."""
        found = self.processes.pid_of(child_id)
        assert found is not None
        return found


def stop(grace_s: float = 5.0) -> Stop:
    return Stop(deadline_s=time.monotonic() + grace_s, grace_s=grace_s)


# --- the acts -----------------------------------------------------------------------------------


def serves(folder: Path) -> Any:  # noqa: ANN401  JSON, as all acts
    tree = Tree(folder)
    tree.proper("a")
    pid = tree.pid("a")
    tree.has_heard(1)
    tree.processes.send("a", Finish(result="environ"))
    tree.has_heard(2)
    about = json.loads(tree.heard.pop()[2])
    tree.processes.send("a", stop())
    tree.has_heard(2)
    tree.processes.send("a", Done())
    gone = tree.processes.pid_of("a") is None and descendants.start_ticks(pid) is None
    return {"heard": tree.heard, "about": about, "gone": gone, "fds": _open_fds(tree)}


def _open_fds(tree: Tree) -> list[str]:
    """What is still open of the children, besides the standard streams and the loop's own."""
    ours = {0, 1, 2, *tree.loop._wakeup, tree.loop._selector.fileno()}
    fds = [fd for fd in Path("/proc/self/fd").iterdir() if int(fd.name) not in ours]
    found = [str(fd.readlink()).split(":")[0] for fd in fds if fd.is_symlink()]
    return [name for name in found if name in {"socket", "anon_inode"} or "pidfd" in name]


def ends(folder: Path) -> Any:  # noqa: ANN401
    tree = Tree(folder)
    for how in ("exit 0", "exit 3", "signal", "torn"):
        tree.bare(how, how)
    tree.proper("said")
    tree.has_heard(5)
    tree.processes.send("said", Finish(result="talk"))
    tree.until(lambda: any(len(each) == 4 and each[0] == "said" for each in tree.heard))
    said = [each for each in tree.heard if each[0] == "said"]
    numbers = [int(each[2].split()[0]) for each in said[1:-1]]
    return {
        "exits": {each[0]: each[2:] for each in tree.heard if len(each) == 4},
        "heard_before_the_exit": numbers == list(range(500)) and len(said[-1]) == 4,
    }


def ends_after_our_signals(folder: Path) -> Any:  # noqa: ANN401
    tree = Tree(folder)
    for child in ("terminated", "killed", "killed unasked", "fell by itself"):
        tree.bare(child, "deaf")
    tree.has_heard(4)
    tree.heard.clear()
    for child in ("terminated", "killed", "fell by itself"):
        tree.processes.send(child, stop())
    tree.processes.terminate("terminated", 1)
    tree.processes.kill("terminated", 2)  # another incarnation: not meant
    os.kill(tree.pid("terminated"), signal.SIGKILL)
    tree.processes.kill("killed", 1)
    tree.processes.kill("killed unasked", 1)
    os.kill(tree.pid("fell by itself"), signal.SIGSEGV)
    tree.has_heard(4)
    return {each[0]: each[2:] for each in tree.heard}


def closes_its_pipe(folder: Path) -> Any:  # noqa: ANN401
    module.MUTE_S = 0.05
    tree = Tree(folder)
    tree.bare("mute", "mute")
    tree.has_heard(1)
    return tree.heard


def dies_with_strays(folder: Path) -> Any:  # noqa: ANN401
    tree = Tree(folder)
    tree.proper("other")
    tree.proper("parent")
    tree.has_heard(2)
    tree.processes.send("parent", Finish(result="die with strays"))
    tree.has_heard(4)
    # The resource tracker and the other child are no strays; the orphan is.
    kept = tree.processes.kept()
    tree.until(lambda: not descendants.strays(kept))
    tree.processes.send("other", stop())
    tree.has_heard(5)
    return {"heard": tree.heard[2:], "rest": len(set(descendants.children_of(os.getpid())) - kept)}


def is_reaped_once(folder: Path) -> Any:  # noqa: ANN401
    """Start another child: multiprocessing looks for dead ones at each start."""
    tree = Tree(folder)
    tree.bare("first", "exit 3")
    pid = tree.pid("first")
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    tree.bare("second", "exit 0")
    is_there = descendants.is_zombie(pid)
    tree.has_heard(2)
    return {"is_there": is_there, "heard": sorted(tree.heard)}


def is_stopped(folder: Path) -> Any:  # noqa: ANN401
    tree = Tree(folder)
    tree.proper("stopped")
    tree.has_heard(1)
    os.kill(tree.pid("stopped"), signal.SIGSTOP)
    sent = 0
    while tree.processes._handles["stopped"].we_sent == "":
        tree.processes.send("stopped", Finish(result="x" * 100_000))
        sent += 1
    tree.has_heard(2)
    return {"heard": tree.heard[1:], "sent": 30 < sent < 100}


def is_terminated_while_stopped(folder: Path) -> Any:  # noqa: ANN401
    tree = Tree(folder)
    tree.proper("stopped")
    tree.has_heard(1)
    os.kill(tree.pid("stopped"), signal.SIGSTOP)
    tree.processes.terminate("stopped", 1)
    tree.has_heard(2)
    return tree.heard[1:]


def dies_in_numbers(folder: Path) -> Any:  # noqa: ANN401
    """SIGCHLD is one signal for many deaths."""
    tree = Tree(folder)
    for number in range(6):
        tree.bare(str(number), "deaf")
    tree.has_heard(6)
    for number in range(6):
        os.kill(tree.pid(str(number)), signal.SIGKILL)
    tree.has_heard(12)
    return {"exits": len({each[0] for each in tree.heard[6:]}), "fds": _open_fds(tree)}


def does_without_pidfds(folder: Path) -> Any:  # noqa: ANN401
    capabilities.HERE = replace(capabilities.HERE, pidfd=False)
    return {"ends": ends(folder), "after our signals": ends_after_our_signals(folder)}


def does_with_kqueues(folder: Path) -> Any:  # noqa: ANN401
    for name, value in kqueues.NAMES.items():
        setattr(select, name, value)
    capabilities.HERE = replace(capabilities.HERE, pidfd=False, kqueue=True)
    return {"ends": ends(folder), "after our signals": ends_after_our_signals(folder)}


def main(acts: Mapping[str, Any], name: str, folder: str) -> None:
    """Play one act of a script and print what it found; nothing of it is left."""
    facts = acts[name](Path(folder))
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    descendants.kill_all_descendants(time.monotonic() + 5)


if __name__ == "__main__":
    main(globals(), *sys.argv[1:])
