"""Hearing of changed files in folders: from the kernel where it tells, else by looking again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from ...workers.process import capabilities
from ...workers.process.eventloop import EventLoop, Timer

QUIET_S = 0.3  # after the last change: whoever writes a file writes more than once
QUIET_S_MAX = 2.0  # after the first one, if there is no end of changes
POLL_S = 3.0


class Notifier(Protocol):
    """The kernel's word on folders (inotify)."""

    def fileno(self) -> int:
        """What can be read when there is something to hear."""
        ...

    def add(self, folder: Path) -> int:
        """Listen to this folder as well: the watch's number; OSError if that cannot be."""
        ...

    def drain(self) -> None:
        """Hear everything that there is."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class FolderWatch:
    """Calls back when something in the folders may have changed, once it is quiet again.

    Which folders these are is asked anew each time: they come and go as well. What came into a
    folder before it was listened to is heard by nobody: after a new folder it calls back once more.
    An idle watch costs nothing where the kernel tells; else it calls back every few seconds.
    """

    def __init__(
        self,
        loop: EventLoop,
        folders: Callable[[], Iterable[Path]],
        on_change: Callable[[], None],
        *,
        notifier: Callable[[], Notifier | None] | None = None,
    ) -> None:
        self._loop = loop
        self._folders = folders
        self._on_change = on_change
        self._notifier = (notifier or inotify)()
        self._first_s = 0.0
        self._heard: set[int] = set()  # the watches of the folders, as of the last time
        self._timer: Timer | None = None
        if self._notifier is not None:
            loop.watch(self._notifier.fileno(), self._on_readable)
        self._listen()

    @property
    def is_told(self) -> bool:
        """Say whether the kernel tells of changes."""
        return self._notifier is not None

    def close(self) -> None:
        """Hear no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._stop_listening()

    def _on_readable(self) -> None:
        if self._notifier is None:
            return
        self._notifier.drain()
        self._wake_when_quiet()

    def _wake_when_quiet(self) -> None:
        now_s = self._loop.now_s()
        if self._timer is None:
            self._first_s = now_s
        else:
            self._timer.cancel()
        self._wake_at(min(now_s + QUIET_S, self._first_s + QUIET_S_MAX))

    def _wake_at(self, at_s: float) -> None:
        self._timer = self._loop.call_at(at_s, self._on_quiet)

    def _on_quiet(self) -> None:
        self._timer = None
        self._listen()  # first: what comes between this and the look is heard
        self._on_change()

    def _listen(self) -> None:
        if self._notifier is not None:
            try:
                heard = self._watches(self._notifier)
            except OSError:  # there are no more watches to be had
                self._stop_listening()
            else:
                if not heard <= self._heard:
                    self._wake_when_quiet()
                self._heard = heard
        if self._notifier is None:
            self._wake_at(self._loop.now_s() + POLL_S)

    def _watches(self, notifier: Notifier) -> set[int]:
        watches = set[int]()
        for folder in self._folders():
            # It may be gone again, or not ours to read.
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                watches.add(notifier.add(folder))
        return watches

    def _stop_listening(self) -> None:
        if self._notifier is not None:
            self._loop.unwatch(self._notifier.fileno())
            self._notifier.close()
            self._notifier = None


class _Inotify:
    """inotify(7), without a thread: a descriptor for the loop."""

    def __init__(self) -> None:
        import inotify_simple  # noqa: PLC0415  on Linux only

        flags = inotify_simple.flags

        self._notify = inotify_simple.INotify(nonblocking=True)
        self._mask = (
            flags.CREATE
            | flags.CLOSE_WRITE
            | flags.MOVED_TO
            | flags.MOVED_FROM
            | flags.DELETE
            | flags.DELETE_SELF
            | flags.MOVE_SELF
            | flags.ONLYDIR
        )

    def fileno(self) -> int:
        return int(self._notify.fileno())

    def add(self, folder: Path) -> int:
        return int(self._notify.add_watch(folder, self._mask))

    def drain(self) -> None:
        self._notify.read(timeout=0)

    def close(self) -> None:
        self._notify.close()


def inotify() -> Notifier | None:
    """The kernel's notifier; None where there is none, or none to be had."""
    if not capabilities.HERE.inotify:
        return None
    try:
        return _Inotify()
    except (ImportError, OSError):
        return None
