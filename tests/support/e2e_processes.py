"""Processes by the mark of the test that started them, straight from /proc."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

# XDG_ is a prefix that agents and verify commands are given, so that the mark reaches them too.
MARK = "XDG_PRD_SUPERVISE_TEST"
TITLE = "prd-supervise: "
DEADLINE_S = 60.0
NAP_S = 0.01


def wait_until(is_so: Callable[[], object], what: Callable[[], str], within_s: float) -> float:
    """Look again and again until it is so; return the seconds that it took."""
    began_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_s < within_s, f"not within {within_s:g} s: {what()}"
        time.sleep(NAP_S)
    return time.monotonic() - began_s


def bearers(mark: str, folder: Path | None = None) -> list[psutil.Process]:
    """The living processes that bear the mark, but for this one.

    Also those of our title that work in the test's folder: a title can overwrite the environment.
    """
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if _bears(process, mark) or (folder is not None and _is_of(process, folder)):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue  # gone meanwhile, or not ours to look at
    return found


def title_of(process: psutil.Process) -> str:
    """What the process calls itself; empty if it is gone."""
    try:
        return " ".join(process.cmdline()).rstrip()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal; that nobody is there any more is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def is_alive(pid: int) -> bool:
    """Say whether the process is there and no zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _bears(process: psutil.Process, mark: str) -> bool:
    environ = Path(f"/proc/{process.pid}/environ").read_bytes()
    return f"{MARK}={mark}".encode() in environ.split(b"\0")


def _is_of(process: psutil.Process, folder: Path) -> bool:
    if not title_of(process).startswith(TITLE):
        return False
    return Path(f"/proc/{process.pid}/cwd").readlink().is_relative_to(folder)
