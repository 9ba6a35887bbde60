"""Whether the program on the disk is still the one that runs.

Children are started from the disk. One of another version would not understand its parent, nor the
parent it, and both would write one state: so after an upgrade under a running tree nothing more is
started, and the tree ends with its work kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[3]
# What processes say to each other, and how they come to do so: what else changes in a checkout
# that is worked on does no harm.
_ROOMS = ("policies", "workers/messages", "workers/process", "supervisor/shell/storage/migrations")

_Seen = dict[str, tuple[int, int, int]]


class ProgramReplacedError(Exception):
    """The program was upgraded: what would be started is not of our version."""


class Program:
    """The files of this program, as they were when it was begun."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self._package = package
        self._record = next(package.parent.glob("prd_supervise-*.dist-info/RECORD"), None)
        self._begun = self._seen()

    def require(self) -> None:
        """See that they still are; else raise ProgramReplacedError."""
        if self._seen() != self._begun:
            raise ProgramReplacedError

    def _seen(self) -> _Seen:
        if self._record is not None:  # installers write it anew, or elsewhere
            return dict(_stamp(str(self._record)))
        rooms = (self._package / room for room in _ROOMS)
        return {name: stamp for room in rooms for name, stamp in _stamps(str(room))}


def _stamps(folder: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(".py"):
            yield from _stamp(entry.path)
        elif entry.is_dir() and entry.name != "__pycache__":
            yield from _stamps(entry.path)


def _stamp(path: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    try:
        found = os.stat(path)  # noqa: PTH116  before each start
    except OSError:
        return
    yield path, (found.st_mtime_ns, found.st_size, found.st_ino)
