"""The locks: root's, held for life, and a story's, held by all that works on it."""

from __future__ import annotations

import json
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

import portalocker

_NOW = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
_LOOK = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING
LOOKED_AT_S = 0.2
_NAP_S = 0.005


class LockBusyError(Exception):
    """Somebody holds the lock; the text says what the file tells of them."""


def lock_for_child(path: Path) -> Connection:
    """Take a lock that a child will hold: it is free again when the last heir has closed it.

    Never unlock it: LOCK_UN would take it from all heirs at once.
    """
    with _locked(path) as file:
        # A Connection is what multiprocessing can hand to a spawned process.
        return Connection(os.dup(file.fileno()))


class RootLock:
    """Root's lock, with the holder's pid and start in the file for the one who comes second."""

    def __init__(self, path: Path, about: dict[str, object]) -> None:
        self._file = _locked_soon(path)
        self._file.truncate(0)
        self._file.write(json.dumps(about))
        self._file.flush()

    def close(self) -> None:
        """Give the lock back; the file stays, because another one may be waiting on it."""
        self._file.truncate(0)
        self._file.close()


def holder_of(path: Path) -> dict[str, object] | None:
    """Who holds root's lock; None if nobody does."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # the file system may be read-only
    except FileNotFoundError:
        return None
    try:
        _locked_file(os.fdopen(fd, encoding="utf-8"), _LOOK).close()
    except LockBusyError as busy:
        try:
            found = json.loads(str(busy))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return None


def _locked_soon(path: Path) -> IO[str]:
    """Take the lock; one who only looks whether it is held (`holder_of`) lets go at once."""
    deadline_s = time.monotonic() + LOOKED_AT_S
    while True:
        try:
            return _locked(path)
        except LockBusyError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(_NAP_S)


def _locked(path: Path) -> IO[str]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _locked_file(os.fdopen(fd, "r+", encoding="utf-8"), _NOW)


def _locked_file(file: IO[str], how: portalocker.LockFlags) -> IO[str]:
    try:
        portalocker.lock(file, how)
    except portalocker.exceptions.LockException as error:
        about = file.read()
        file.close()
        raise LockBusyError(about) from error
    return file
