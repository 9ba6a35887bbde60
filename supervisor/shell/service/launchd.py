"""What root does for itself under launchd, which only starts it: variables, and a log of bounds."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import MutableMapping
from pathlib import Path

from ....workers.process.eventloop import EventLoop
from .manager import LAUNCHD_LABEL, Manager
from .variables import read_variables, variables_file

LOG_BYTES_MAX = 8 << 20  # and as much again of what was before
LOOK_EVERY_S = 3600.0
_STDOUT = 1
_NAME = "XPC_SERVICE_NAME"


def log_path(home: Path, label: str) -> Path:
    """What the job of this label prints."""
    name = label.removeprefix(f"{LAUNCHD_LABEL}.")
    return home / "Library" / "Logs" / "prd-supervise" / f"{name}.log"


def take_variables(environ: MutableMapping[str, str]) -> tuple[str, ...]:
    """Take what the user's file assigns; what is to be told of it."""
    path = variables_file(Path.home(), environ)
    try:
        found, strange = read_variables(path)
    except OSError as error:
        return (f"{path}: {error.strerror}; agents go without the variables in it",)
    environ.update(found)
    return tuple(f"{path}:{number}: no NAME=value; it is passed over" for number in strange)


def keep_log_short(loop: EventLoop, manager: Manager) -> None:
    """Look at the log now and each hour: launchd opens it, and never looks again."""
    if not manager.is_launchd:
        return
    path = log_path(Path.home(), os.environ.get(_NAME, ""))

    def look() -> None:
        cut_log(path, _STDOUT, LOG_BYTES_MAX)
        loop.call_at(loop.now_s() + LOOK_EVERY_S, look)

    look()


def cut_log(path: Path, fd: int, bytes_max: int) -> bool:
    """Move what stands in a log that is too long into `.old`, if it is what `fd` writes to."""
    try:
        log = path.stat()
        if log.st_size <= bytes_max or not os.path.samestat(log, os.fstat(fd)):
            return False
        # Else the next line would stand where the last one ended, behind a hole.
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
        shutil.copyfile(path, path.with_suffix(".old"))
        os.ftruncate(fd, 0)
    except OSError:  # a full disk, a folder that is gone: the log waits for the next look
        return False
    return True
