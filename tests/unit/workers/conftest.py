from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.workers.process import descendants
from prd_supervise.workers.process.process_table import read_proc, read_table

ACTS = "worker_acts.py"
MARK = "PRD_SUPERVISE_RUN"
ACT_S_MAX = 120.0
GONE_S_MAX = 30.0

WaitUntil = Callable[[Callable[[], bool], float], None]
Act = Callable[..., dict[str, Any]]
Stage = Callable[..., "subprocess.Popen[str]"]


def wait_until_true(is_so: Callable[[], bool], within_s: float) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline_s, f"not so within {within_s} s"
        time.sleep(0.002)


def is_gone(pid: int) -> bool:
    return descendants.start_ticks(pid) is None or descendants.is_zombie(pid)


@pytest.fixture
def wait_until() -> WaitUntil:
    return wait_until_true


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Start a process that plays a story worker; kill it at the end if it still lives."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str, *words: str, script: str = ACTS) -> subprocess.Popen[str]:
        argv = [sys.executable, str(Path(__file__).with_name(script)), name, str(tmp_path), *words]
        env = {**os.environ, MARK: str(tmp_path)}
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def act(stage: Stage) -> Act:
    """Play one act to its end and give the facts that it printed."""

    def play(name: str, *words: str, script: str = ACTS) -> dict[str, Any]:
        process = stage(name, *words, script=script)
        text = process.communicate(timeout=ACT_S_MAX)[0]
        assert process.returncode == 0, text
        facts = json.loads(text)
        assert isinstance(facts, dict)
        return facts

    return play


@pytest.fixture(autouse=True)
def _nothing_left_behind(tmp_path: Path) -> Iterator[None]:
    yield
    mark = f"{MARK}={tmp_path}".encode()

    def left() -> list[int]:
        return [pid for pid in read_table() if mark in read_proc(pid, "environ").split(b"\0")]

    try:
        wait_until_true(lambda: not left(), GONE_S_MAX)
    finally:
        for pid in left():
            os.kill(pid, signal.SIGKILL)
