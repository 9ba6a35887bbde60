from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psutil
import pytest

from prd_supervise.supervisor.shell.children.sweep import MARKER, sweep_survivors

pytestmark = pytest.mark.slow


@pytest.fixture
def marker() -> str:
    return uuid.uuid4().hex[:16]


@pytest.fixture
def sleepers(marker: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Processes with our marker, another one, and none; one of ours hides in its own session."""
    marks = {"ours": marker, "hidden": marker, "theirs": marker[::-1] + "0", "none": None}
    started = {}
    for name, mark in marks.items():
        env = {key: value for key, value in os.environ.items() if key != MARKER}
        env |= {MARKER: mark} if mark is not None else {"OTHER": f"{MARKER}={marker}"}
        argv = ["sh", "-c", "trap '' TERM HUP; sleep 600 & wait"]
        started[name] = subprocess.Popen(argv, env=env, start_new_session=name == "hidden")
    yield started
    for process in started.values():
        children = psutil.Process(process.pid).children() if process.poll() is None else []
        for child in children:
            child.kill()
        process.kill()
        process.wait()


def test_those_that_bear_the_marker_are_killed_and_no_others(
    marker: str, sleepers: dict[str, subprocess.Popen[bytes]]
) -> None:
    assert sweep_survivors(marker) >= 2
    assert sleepers["ours"].wait(60) == sleepers["hidden"].wait(60) == -signal.SIGKILL
    assert sleepers["theirs"].poll() is None
    assert sleepers["none"].poll() is None
    assert sweep_survivors(marker) == 0


def test_a_stopped_survivor_is_killed_as_well(marker: str) -> None:
    env = {**os.environ, MARKER: marker}
    with subprocess.Popen(["sleep", "600"], env=env) as process:
        process.send_signal(signal.SIGSTOP)
        assert sweep_survivors(marker) == 1
        assert process.wait(10) == -signal.SIGKILL


def test_nobody_kills_itself_or_who_started_it(marker: str) -> None:
    """`resume` may be typed in a shell that an agent of the dead root had opened."""
    code = (
        "import os, sys\n"
        "from prd_supervise.supervisor.shell.children.sweep import sweep_survivors\n"
        f"print(sweep_survivors({marker!r}))\n"
    )
    shell = f'"{sys.executable}" -c "$CODE"; echo "shell lives"; exit 7'
    env = {**os.environ, MARKER: marker, "CODE": code}
    done = subprocess.run(
        ["sh", "-c", shell], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (7, "0\nshell lives\n"), done.stderr
