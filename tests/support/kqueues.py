"""A kqueue for processes on Linux, as kqueue(2) describes it: what macOS has in place of pidfds.

EVFILT_PROC with NOTE_EXIT, EV_ADD, EV_DELETE and EV_ONESHOT alone; anything else fails loudly. The
manual leaves open what becomes of a zombie that is asked for: FreeBSD tells of its end at once,
macOS says that there is no such process. Both can be had.
"""

from __future__ import annotations

import errno
import os
import select
from pathlib import Path
from types import SimpleNamespace
from typing import Any

FILTER_PROC, FILTER_READ = -5, -1
EV_ADD, EV_DELETE, EV_ONESHOT, EV_EOF = 0x1, 0x2, 0x10, 0x8000
NOTE_EXIT = 0x80000000

_pidfd_open = getattr(os, "pidfd_open", None)  # before a test takes it away


def kevent(ident: int, **fields: int) -> SimpleNamespace:
    """What is asked for, or has happened."""
    default = {"filter": FILTER_READ, "flags": EV_ADD, "fflags": 0, "data": 0, "udata": 0}
    assert fields.keys() <= default.keys(), fields
    return SimpleNamespace(ident=ident, **(default | fields))


class Kqueue:
    """A descriptor that can be read while an end is to be told of."""

    zombies_are_gone = True  # as on macOS

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._pids: dict[int, int] = {}  # by pidfd

    def fileno(self) -> int:
        """The descriptor."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Give everything back."""
        for descriptor in self._pids:
            os.close(descriptor)
        self._pids.clear()
        self._epoll.close()

    def control(
        self, changes: list[SimpleNamespace] | None, events_max: int, timeout_s: float | None = None
    ) -> list[SimpleNamespace]:
        """Make the changes, then take what has happened."""
        for change in changes or ():
            assert change.filter == FILTER_PROC, change
            assert change.fflags == NOTE_EXIT, change
            self._change(change)
        if not events_max:
            return []
        happened = self._epoll.poll(timeout_s, events_max)
        return [self._taken(descriptor) for descriptor, _ in happened]

    def _change(self, change: SimpleNamespace) -> None:
        if change.flags & EV_DELETE:
            found = [each for each, pid in self._pids.items() if pid == change.ident]
            if not found:
                raise FileNotFoundError(errno.ENOENT, "no such event")
            self._taken(found[0])
            return
        assert change.flags & ~EV_ONESHOT == EV_ADD, change
        if self.zombies_are_gone and _is_zombie(change.ident):
            raise ProcessLookupError(errno.ESRCH, "no such process")
        assert _pidfd_open is not None
        descriptor = _pidfd_open(change.ident)
        self._pids[descriptor] = change.ident
        self._epoll.register(descriptor, select.EPOLLIN)

    def _taken(self, descriptor: int) -> SimpleNamespace:
        self._epoll.unregister(descriptor)
        os.close(descriptor)
        pid = self._pids.pop(descriptor)
        return kevent(pid, filter=FILTER_PROC, flags=EV_EOF, fflags=NOTE_EXIT)


def _is_zombie(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return False  # then it is not there at all
    return text.rpartition(b")")[2].split()[0] == b"Z"


# What `select` has on macOS.
NAMES: dict[str, Any] = {
    "kqueue": Kqueue,
    "kevent": kevent,
    "KQ_FILTER_PROC": FILTER_PROC,
    "KQ_EV_ADD": EV_ADD,
    "KQ_EV_ONESHOT": EV_ONESHOT,
    "KQ_NOTE_EXIT": NOTE_EXIT,
}
