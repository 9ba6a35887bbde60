"""One process by multiprocessing's spawn, and the resource tracker that comes along with it."""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import signal
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

BLOCKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)

_context = multiprocessing.get_context("spawn")


def start(
    target: Callable[..., None], arguments: tuple[Any, ...]
) -> tuple[object, int, Connection]:
    """Start `target(connection, *arguments)`: its process, its pid, and our end of the connection.

    OSError if the system has no process, memory or descriptor left; nothing is left open then.
    """
    _have_tracker()
    ours, theirs = _context.Pipe(duplex=True)
    process = _context.Process(target=target, args=(theirs, *arguments))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
    try:
        process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
    # multiprocessing would reap it behind our back at the next start of another one.
    multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]  # noqa: SLF001
    if process.pid is None:
        raise AssertionError("a process was started and has no pid")
    return process, process.pid, ours


def tracker_pid() -> tuple[int, ...]:
    """The tracker, where it is a child of this process."""
    pid = getattr(resource_tracker._resource_tracker, "_pid", None)  # noqa: SLF001  there is no public way
    return () if pid is None else (pid,)


def end_tracker() -> None:
    """End the tracker, which would outlive us by a moment."""
    stop = getattr(resource_tracker._resource_tracker, "_stop", None)  # noqa: SLF001
    for pid in tracker_pid():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)  # it tracks nothing of ours, and nobody may wait for it
        if stop is not None:
            stop()


def _have_tracker() -> None:
    """Start the tracker; anew if somebody has killed it, which is no news for people.

    It is done before signals are blocked, because the tracker's own start would open them again.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        resource_tracker.ensure_running()
