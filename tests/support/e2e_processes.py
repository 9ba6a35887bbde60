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
DEADLINE_S = 100.0
GONE_S_MAX = 20.0  # the rule is one second, on a machine that is free: the chaos runs measure it
NAP_S = 0.01
NAP_S_MAX = 1.0


def wait_until(is_so: Callable[[], object], what: Callable[[], str], within_s: float) -> float:
    """Look again and again until it is so; return the seconds that it took.

    It naps as long as looking took: a command that is asked takes the processor from
    what is waited for.
    """
    began_s = looked_s = time.monotonic()
    while not is_so():
        now_s = time.monotonic()
        assert now_s - began_s < within_s, f"not within {within_s:g} s: {what()}"
        time.sleep(min(max(NAP_S, now_s - looked_s), NAP_S_MAX))
        looked_s = time.monotonic()
    return time.monotonic() - began_s


def bearers(mark: str, folder: Path | None = None) -> list[psutil.Process]:
    """The living processes that bear the mark, but for this one.

    Also those of our title that work in the test's folder: a title can overwrite the environment.
    Every test asks for them at its end, so it is read straight, and a zombie has neither.
    """
    entry = f"{MARK}={mark}".encode()
    found = []
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):  # noqa: PTH208  quick
        if pid == os.getpid():
            continue
        try:
            is_ours = entry in _read(pid, "environ").split(b"\0")
            if is_ours or (folder is not None and _is_of(pid, folder)):
                found.append(psutil.Process(pid))
        except (psutil.NoSuchProcess, OSError):
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


def _read(pid: int, name: str) -> bytes:
    with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123  quick
        return file.read()


def _is_of(pid: int, folder: Path) -> bool:
    if not _read(pid, "cmdline").startswith(TITLE.encode()):
        return False
    return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
