"""A process that stands where a story worker stands: a subreaper that plays an act of agents.

Run as `worker_like.py ACT`; it prints a line of JSON when the act is set up, and stays until its
standard input closes. Everything that it started is killed then.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

MIB = 1 << 20
PR_SET_CHILD_SUBREAPER = 36
KEPT: list[subprocess.Popen[bytes]] = []
NAP = "import signal; signal.pause()"


def python(code: str, **more: object) -> subprocess.Popen[bytes]:
    """Start a child."""
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", code], **more)  # type: ignore[call-overload, no-any-return]


def told(process: subprocess.Popen[bytes]) -> int:
    """Read the number that a child prints when it is set up."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def eats() -> dict[str, object]:
    """One child with 40 MiB of its own."""
    code = f"import os; kept = b'x' * ({40 * MIB}); print(os.getpid(), flush=True); {NAP}"
    return {"pid": told(python(code, stdout=subprocess.PIPE))}


def shares() -> dict[str, object]:
    """Four children that share the 40 MiB of the one that forked them."""
    code = f"""
import os, signal
kept = b'x' * ({40 * MIB})
for _ in range(4):
    if os.fork() == 0:
        signal.pause()
print(os.getpid(), flush=True)
signal.pause()
"""
    return {"pid": told(python(code, stdout=subprocess.PIPE))}


def spins() -> dict[str, object]:
    """A child that uses a core."""
    return {"pid": python("while True: pass").pid}


def burns_briefly() -> dict[str, object]:
    """A child whose own children use the processor, each for less than a pass."""
    burn = "import time; end = time.process_time() + 0.05\nwhile time.process_time() < end: pass"
    code = f"""
import os, time
while True:
    if os.fork() == 0:
        {burn.replace(chr(10), chr(10) + "        ")}
        os._exit(0)
    os.wait()
"""
    return {"pid": python(code).pid}


def forks() -> dict[str, object]:
    """Twelve children that do nothing."""
    return {"pids": [python(NAP).pid for _ in range(12)]}


def escapes(environment: dict[str, str] | None = None) -> dict[str, object]:
    """A child whose grandchild left its session and lost its parent."""
    code = f"""
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        {NAP}
    os._exit(0)
os.wait()
"""
    child = python(code, stdout=subprocess.PIPE, env=environment)
    pid = told(child)
    child.wait()
    return {"pid": pid}


def escapes_unnamed() -> dict[str, object]:
    """A child that stays in a session of its own, and a bare one of it that lost its parent."""
    code = f"""
import os
if os.fork() == 0:
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        {NAP}
    while not os.path.exists({str(_go())!r}):
        pass
    os._exit(0)
{NAP}
"""
    environment = {"XDG_PRD_SUPERVISE_TEST": os.environ["XDG_PRD_SUPERVISE_TEST"]}
    child = python(code, stdout=subprocess.PIPE, env=environment, start_new_session=True)
    return {"pid": told(child)}


def zombies() -> dict[str, object]:
    """A child that is dead and not reaped."""
    child = python("pass")
    KEPT.append(child)  # a Popen that is forgotten reaps
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    return {"pid": child.pid}


def crowd() -> dict[str, object]:
    """Two hundred children: forked, because that many interpreters would take long to start."""
    pids = []
    for _ in range(200):
        pid = os.fork()
        if pid == 0:
            signal.pause()
        pids.append(pid)
    return {"pids": pids}


def _go() -> Path:
    return Path(sys.argv[2]) / "go"


ACTS: dict[str, Callable[[], dict[str, object]]] = {
    act.__name__: act
    for act in (eats, shares, spins, burns_briefly, forks, escapes, escapes_unnamed, zombies, crowd)
}


def main() -> None:
    """Play the act."""
    if "stray" not in sys.argv:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sys.stdout.write(json.dumps(ACTS[sys.argv[1]]()) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    _end()


def _end() -> None:
    while True:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        if not listed:
            return
        for pid in listed:
            os.kill(int(pid), signal.SIGKILL)
            os.waitpid(int(pid), 0)
        time.sleep(0.001)


if __name__ == "__main__":
    main()
