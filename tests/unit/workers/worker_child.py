"""A child process on inherited descriptors: a story worker, or the bare machinery of one.

A worker gives what shall end more time than a slow machine takes, an impatient one hardly any; a
patient child waits longer for who does not listen.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from prd_supervise.workers import story
from prd_supervise.workers.attempt import hearing
from prd_supervise.workers.jobs import running
from prd_supervise.workers.messages import story as words
from prd_supervise.workers.messages.common import Stop
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process import entry
from prd_supervise.workers.process.entry import ChildProcess
from prd_supervise.workers.process.lock_handover import give, make_door
from prd_supervise.workers.process.process_table import read_family


def bare(connection: Connection, parent_pid: int, folder: Path) -> None:
    """Serve a few words: Stop, and Finish with the name of an act, or with what is to be echoed."""
    crash_log = str(folder / "crash.log")
    process = ChildProcess("test", connection, parent_pid, crash_log, words)

    def on_message(message: object) -> None:
        match message:
            case Stop():
                process.end(0)
            case Finish(result=name) if name in ACTS:
                ACTS[name](process)
            case _:
                process.say(message)

    process.on_message = on_message
    process.say_ready()
    process.run()


def fail(_process: ChildProcess) -> None:
    raise RuntimeError("a bug")


def end_badly(process: ChildProcess) -> None:
    process.end(3)


def talk_much(process: ChildProcess) -> None:
    for _ in range(4):
        process.say(Finish(result="x" * 500_000))
    process.end(0)


def never_stop_talking(process: ChildProcess) -> None:
    while True:
        process.say(Finish(result="x" * 100_000))


def hold_the_interpreter(process: ChildProcess) -> None:
    process.say(Finish(result="held"))
    ctypes.PyDLL(None).usleep(20_000_000)  # with the GIL: no Python handler runs


def have_a_family(process: ChildProcess) -> None:
    argv = ["sh", "-c", "trap '' TERM HUP; setsid sleep 600 & sleep 600 & wait"]
    subprocess.Popen(argv)
    while len(family := read_family(process.pid)) < 3:
        signal.sigtimedwait([], 0.002)
    process.say(Finish(result=str([each.pid for each in family])))


ACTS = {
    "fail": fail,
    "end badly": end_badly,
    "talk much": talk_much,
    "never stop talking": never_stop_talking,
    "hold the interpreter": hold_the_interpreter,
    "have a family": have_a_family,
    "beat": ChildProcess.start_beating,
}


def main(kind: str, fd: str, lock: str, parent_pid: str, folder: str) -> None:
    connection = Connection(int(fd))
    if kind == "patient":
        entry.HAND_OVER_S = 60.0
    if kind in {"bare", "patient"}:
        bare(connection, int(parent_pid), Path(folder))
    crash_log = str(Path(folder, "crash.log"))
    patience_s = 0.3 if kind == "impatient" else 60.0
    running.KILL_AFTER_S = hearing.RESULT_GRACE_S = hearing.LAST_WORD_GRACE_S = patience_s
    ours, door = make_door()
    with Connection(int(lock)) as inherited:
        give(ours, inherited)
    story.main(connection, door, int(parent_pid), "spare P", crash_log)


if __name__ == "__main__":
    main(*sys.argv[1:])
